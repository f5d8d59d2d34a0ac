import { types } from 'node:util';

/** A transaction that PostgreSQL turned back because of another one: the same work, done again, may pass. */
const TURNED_BACK = new Set(['40001', '40P01']);

/** Node's codes for a connection that cannot be made or breaks. */
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);

/** SQLSTATE: connection exceptions, too many connections or out of resources, and a server that shuts down or starts. */
const UNAVAILABLE_STATE = /^(08\w{3}|53\w{3}|57P0[1-5])$/;

/** What the driver says without a code. */
const UNAVAILABLE_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** SQLSTATE or Node's error code. */
function codeOf(error: unknown): string | undefined {
  if (!types.isNativeError(error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export function isTurnedBack(error: unknown): boolean {
  return TURNED_BACK.has(codeOf(error) ?? '') || isStalePlan(error);
}

/** Whether a statement was prepared for a table that looked otherwise, or is not there any more: it works on another connection. */
export function isStalePlan(error: unknown): boolean {
  const code = codeOf(error);
  if (code === '26000') return true;
  return code === '0A000' && types.isNativeError(error) && error.message.startsWith('cached plan must not change');
}

/** Whether PostgreSQL itself says that it cannot serve at the moment. */
export function isUnavailableState(error: unknown): boolean {
  return UNAVAILABLE_STATE.test(codeOf(error) ?? '');
}

/** Whether PostgreSQL could not be reached or went away, which says nothing about the work that was under way. */
export function isUnavailable(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined) return NETWORK_CODES.has(code) || UNAVAILABLE_STATE.test(code);
  return types.isNativeError(error) && UNAVAILABLE_MESSAGE.test(error.message);
}
