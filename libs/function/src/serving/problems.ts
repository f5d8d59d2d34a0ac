import type { ServerResponse } from 'node:http';

import {
  EbbError,
  HttpProblem,
  problem,
  PROBLEM_CONTENT_TYPE,
  RetryableError,
  SchemaViolationError,
  type Problem,
} from '@ebb/core';
import { CloudEventError } from '@ebb/events';
import { isUnavailable } from '@ebb/postgres';

import { retryAfterOf } from './failure-headers.ts';

/** What a request is answered with when it fails. */
export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

const NO_HEADERS = Object.freeze({});
/** An outage may be over any moment, and a client that does not know when comes back too seldom or too often. */
const OUTAGE_RETRY_MS = 1_000;

/**
 * The one place where errors become HTTP. What is not meant for the caller becomes a bare 500:
 * its message may hold anything, so it goes to the log only.
 */
export function problemOf(error: unknown): ProblemAnswer {
  if (error instanceof HttpProblem) return { problem: error.problem, headers: error.headers };
  if (error instanceof SchemaViolationError) {
    const { violations } = error;
    return { problem: problem(422, error.message, { violations }), headers: NO_HEADERS };
  }
  if (error instanceof CloudEventError) return { problem: problem(error.status, error.message), headers: NO_HEADERS };
  if (error instanceof RetryableError) {
    return { problem: problem(503, 'try again later'), headers: retryAfterOf(error.after) };
  }
  // Neither the caller's fault nor the service's: the same request will do once the other side is back.
  if (isUnavailable(error) || isTimeout(error)) {
    const detail = isTimeout(error) ? 'took too long' : 'something that this service needs is away; try again later';
    return { problem: problem(503, detail), headers: retryAfterOf(OUTAGE_RETRY_MS) };
  }
  return { problem: plainProblem(error), headers: NO_HEADERS };
}

const isTimeout = (error: unknown): boolean => error instanceof EbbError && error.code === 'EBB_TIMEOUT';

function plainProblem(error: unknown): Problem {
  if (error instanceof EbbError) {
    if (error.code === 'EBB_JSON') return problem(400, error.message);
    if (error.code === 'EBB_TOO_LARGE') return problem(413, error.message);
  }
  return isClientError(error) ? problem(error.status, error.message) : problem(500);
}

/** Express and its router mark what the client did wrong this way, such as a path that cannot be decoded. */
function isClientError(error: unknown): error is Error & { readonly status: number } {
  return (
    error instanceof Error &&
    'status' in error &&
    typeof error.status === 'number' &&
    error.status >= 400 &&
    error.status < 500
  );
}

/** Answers with a problem document, unless an answer is on its way; then the connection is cut, so that it looks cut. */
export function sendProblem(
  response: ServerResponse,
  document: Problem,
  headers: Readonly<Record<string, string>> = NO_HEADERS,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = Buffer.from(JSON.stringify(document));
  // Whatever was set for an answer that did not come would lie about this one.
  for (const name of ['content-encoding', 'etag', 'last-modified', 'cache-control']) response.removeHeader(name);
  response.writeHead(document.status, {
    'content-type': PROBLEM_CONTENT_TYPE,
    'content-length': body.length,
    ...headers,
  });
  response.end(body);
}
