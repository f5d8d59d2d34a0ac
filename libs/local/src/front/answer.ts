import type { IncomingMessage, ServerResponse } from 'node:http';
import { EbbError, HttpProblem, problem, PROBLEM_CONTENT_TYPE, SchemaViolationError, type Problem } from '@ebb/core';

/** Answers with a JSON document. */
export function sendJson(res: ServerResponse, status: number, body: unknown): void {
  send(res, status, 'application/json', JSON.stringify(body));
}

/** Answers with a problem document (RFC 9457). */
export function sendProblem(
  res: ServerResponse,
  document: Problem,
  headers: Readonly<Record<string, string>> = {},
): void {
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  send(res, document.status, PROBLEM_CONTENT_TYPE, JSON.stringify(document));
}

export function send(res: ServerResponse, status: number, contentType: string, body: string): void {
  if (res.headersSent) {
    res.end();
    return;
  }
  res.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  res.end(body);
}

/** The problem document for whatever a request's handling threw; details of our own faults stay inside. */
export function problemOf(error: unknown): { document: Problem; headers: Readonly<Record<string, string>> } {
  if (error instanceof HttpProblem) return { document: error.problem, headers: error.headers };
  if (error instanceof SchemaViolationError) {
    return { document: problem(422, error.message, { violations: error.violations }), headers: {} };
  }
  if (error instanceof EbbError && error.code === 'EBB_TOO_LARGE')
    return { document: problem(413, error.message), headers: {} };
  if (error instanceof EbbError && error.code === 'EBB_JSON')
    return { document: problem(400, error.message), headers: {} };
  return { document: problem(500, 'The runtime failed at this request; its log says why.'), headers: {} };
}

/** A web page of another origin may not use the platform's interfaces. */
export function isCrossOrigin(req: IncomingMessage): boolean {
  const { origin, host } = req.headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}
