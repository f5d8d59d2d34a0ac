import type { DurationString } from './duration.ts';

/** Every code an {@link EbbError} may carry. `docs/reference/errors.md` explains each one; a test holds the two equal. */
export const ERROR_CODES = [
  'EBB_TERMINAL',
  'EBB_RETRYABLE',
  'EBB_TIMEOUT',
  'EBB_CONFIG',
  'EBB_DEFINITION',
  'EBB_SCHEMA_VIOLATION',
  'EBB_CLOUDEVENT',
  'EBB_TOO_LARGE',
  'EBB_JSON',
  'EBB_MANIFEST',
  'EBB_BUILD',
  'EBB_RUNTIME',
  'EBB_USAGE',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** The base of all errors thrown by Ebb: a stable code beside the message, and the cause where there is one. */
export class EbbError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** Thrown by a handler when trying again cannot help: the event is parked at once. */
export class TerminalError extends EbbError {
  constructor(message: string, options?: ErrorOptions) {
    super('EBB_TERMINAL', message, options);
  }
}

/** Thrown by a handler when a later attempt may succeed; `after` is the shortest wait worth trying. */
export class RetryableError extends EbbError {
  readonly after: DurationString | undefined;

  constructor(message: string, options: ErrorOptions & { after?: DurationString } = {}) {
    super('EBB_RETRYABLE', message, options);
    this.after = options.after;
  }
}

/** A handler ran past its `timeout`; its signal was aborted and its transaction rolled back. */
export class TimeoutError extends EbbError {
  constructor(message: string, options?: ErrorOptions) {
    super('EBB_TIMEOUT', message, options);
  }
}

/** One place in a document that breaks its schema; `path` is a JSON Pointer, empty for the whole document. */
export interface Violation {
  readonly path: string;
  readonly message: string;
}

/** A document does not fit its schema; every violation is listed with its path. */
export class SchemaViolationError extends EbbError {
  readonly violations: readonly Violation[];

  constructor(subject: string, violations: readonly Violation[]) {
    super('EBB_SCHEMA_VIOLATION', `${subject}: ${violations.map(describeViolation).join('; ')}`);
    this.violations = violations;
  }
}

/** What to print for a thing that was thrown, whatever it is. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Node reports a refused connection to a name with several addresses as an AggregateError without a message.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error.message;
}

function describeViolation({ path, message }: Violation): string {
  return `${path === '' ? '(root)' : path} ${message}`;
}
