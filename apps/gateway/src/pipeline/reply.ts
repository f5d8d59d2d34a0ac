import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

import { PROBLEM_CONTENT_TYPE } from '@ebb/core';

import type { Answer, AnswerHeaders } from './answer.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { Refusal } from './refusal.ts';

/** So much of a body that nobody wants is read, for so long, before the connection is closed on a client that still sends. */
const DISCARD_BYTES = 1_048_576;
const DISCARD_MS = 2_000;
const ONE_PIECE_BYTES = 16_384;

/** Answers with what the gateway has to say itself. */
export function reply(exchange: HttpExchange, response: ServerResponse, answer: Answer | Refusal): void {
  exchange.isOwnAnswer = true;
  if (answer.kind === 'refusal') exchange.refused = answer.reason;
  // An answer is on its way already: it must look cut, and not whole.
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  if (answer.kind === 'answer') send(exchange, response, answer.status, answer.headers, answer.body);
  else {
    const { problem, headers } = answer;
    const body = Buffer.from(JSON.stringify({ ...problem, requestId: exchange.requestId }));
    const own = { 'content-type': PROBLEM_CONTENT_TYPE, 'cache-control': 'no-store' };
    send(exchange, response, problem.status, { ...own, ...headers }, body);
  }
}

/** The headers of an answer together with those that policies added to it. */
export function withAdded(headers: AnswerHeaders, added: Readonly<Record<string, string>>): OutgoingHttpHeaders {
  const all: OutgoingHttpHeaders = {};
  for (const name in headers) if (headers[name] !== undefined) all[name] = headers[name];
  for (const name in added) {
    const before = name === 'vary' ? all.vary : undefined;
    all[name] = before === undefined ? added[name] : `${before}, ${added[name] ?? ''}`;
  }
  return all;
}

function send(
  exchange: HttpExchange,
  response: ServerResponse,
  status: number,
  headers: AnswerHeaders,
  body: Buffer | undefined,
): void {
  const all = withAdded(headers, exchange.added);
  if (body) all['content-length'] = body.length;
  else if (status !== 204 && status !== 304) all['content-length'] ??= 0;
  exchange.bytesOut = body?.length ?? 0;
  const isSending = exchange.body.isPresent && !exchange.body.isComplete;
  // What the client still sends would be taken for its next request.
  if (isSending) response.shouldKeepAlive = false;
  response.writeHead(status, all);
  if (!isSending || exchange.body.isHeldBack) {
    // As text it goes out in one piece with the headers; byte for byte it is the same.
    if (body && body.length < ONE_PIECE_BYTES) response.end(body.toString('latin1'), 'latin1');
    else response.end(body);
    return;
  }
  if (body) response.write(body);
  exchange.body.discard(DISCARD_BYTES, DISCARD_MS, () => response.end());
}
