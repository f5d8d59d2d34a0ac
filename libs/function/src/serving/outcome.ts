import {
  RetryableError,
  SchemaViolationError,
  TerminalError,
  TimeoutError,
  durationMs,
  messageOf,
  problem,
  type Problem,
} from '@ebb/core';
import type { DeliveryResult } from '@ebb/postgres';

import { failureHeaders, retryAfterOf, type FailureReason } from './failure-headers.ts';
import { OverloadedError } from './limiter.ts';

/** How one delivery of an event went. */
export type Outcome = DeliveryResult | { readonly outcome: 'rejected'; readonly error: Error };

/** The word for a trace: a retry after a timeout is told apart from the others. */
export function outcomeWord(outcome: Outcome): string {
  return outcome.outcome === 'retry' && outcome.error instanceof TimeoutError ? 'timeout' : outcome.outcome;
}

/** What went wrong, for a log line and a span; undefined when the broker need not come again. */
export function failureOf(outcome: Outcome): Error | undefined {
  return outcome.outcome === 'retry' || outcome.outcome === 'rejected' ? outcome.error : undefined;
}

/** The outcome of a handler that ran without a database: nothing is kept here, so the broker has to know. */
export function outcomeOfError(error: unknown): Outcome {
  const cause = error instanceof Error ? error : new Error(messageOf(error));
  if (cause instanceof TerminalError || cause instanceof SchemaViolationError)
    return { outcome: 'rejected', error: cause };
  const afterMs = cause instanceof RetryableError && cause.after !== undefined ? durationMs(cause.after) : undefined;
  return { outcome: 'retry', error: cause, ...(afterMs !== undefined && { afterMs }) };
}

/** The answer for an event that was not taken; undefined stands for 204. */
export interface FailureAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

export function answerOf(fn: string, outcome: Outcome): FailureAnswer | undefined {
  switch (outcome.outcome) {
    case 'done':
    case 'duplicate':
    case 'waiting':
    case 'parked':
      return undefined;
    case 'conflict':
      return {
        problem: problem(409, 'the same event is being processed'),
        headers: failureHeaders(fn, 'conflict'),
      };
    case 'rejected':
      return rejected(fn, outcome.error);
    case 'retry':
      return retry(fn, outcome.error, outcome.afterMs);
  }
}

/** 422 is not retried: the broker's dead letter sink gets the event at once, and with it the reason. */
function rejected(fn: string, error: Error): FailureAnswer {
  const isSchema = error instanceof SchemaViolationError;
  return {
    problem: problem(422, error.message, isSchema ? { violations: error.violations } : {}),
    headers: failureHeaders(fn, isSchema ? 'schema' : 'terminal', error.message),
  };
}

function retry(fn: string, error: Error, afterMs: number | undefined): FailureAnswer {
  return {
    problem: problem(503, error.message),
    headers: { ...failureHeaders(fn, reasonOf(error), error.message), ...retryAfterOf(afterMs ?? busyWaitMs(error)) },
  };
}

function busyWaitMs(error: Error): number | undefined {
  return error instanceof OverloadedError ? 1_000 : undefined;
}

/** Connections that fail (Node's codes) and servers that cannot (SQLSTATE 08, 53, 57P). */
const DATABASE_CODE = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|08\w{3}$|53\w{3}$|57P\w{2}$)/;

function reasonOf(error: Error): FailureReason {
  if (error instanceof TimeoutError) return 'timeout';
  if (error instanceof OverloadedError) return 'overloaded';
  return 'code' in error && DATABASE_CODE.test(String(error.code)) ? 'database' : 'retry';
}
