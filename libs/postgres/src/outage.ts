import { types } from 'node:util';
import { isUnavailable, isUnavailableState } from './pg-errors.ts';

const fromConnections = new WeakSet<Error>();

/** Notes that an error came from a connection to PostgreSQL, and gives it back. */
export function fromConnection<T>(error: T): T {
  if (types.isNativeError(error)) fromConnections.add(error);
  return error;
}

/**
 * Whether a delivery failed because PostgreSQL went away. A network code alone does not say so: a handler that calls another server, which
 * refuses, fails with the same one. Taken for an outage that would never be counted, and so never be parked.
 */
export function isOutage(error: Error): boolean {
  return isUnavailable(error) && (fromConnections.has(error) || isUnavailableState(error));
}
