import type { IncomingMessage, ServerResponse } from 'node:http';

import type { AnswerHead, BodyTap } from '../pipeline/answer.ts';
import type { HttpExchange } from '../pipeline/http-exchange.ts';
import { withAdded } from '../pipeline/reply.ts';
import { answeredHeaders } from './forward-headers.ts';

const BAD_GATEWAY = 502;
const DISCARD_BYTES = 1_048_576;
const DISCARD_MS = 2_000;

/**
 * Passes the upstream's answer on as it comes, no faster than the client takes it. One that breaks off breaks off for the client, too, and
 * one that the client does not want any more is not asked for any longer. Where nothing moves for `idleMs`, both connections are closed.
 */
export function relayAnswer(
  exchange: HttpExchange,
  answer: IncomingMessage,
  response: ServerResponse,
  idleMs: number,
): void {
  const head: AnswerHead = { status: answer.statusCode ?? BAD_GATEWAY, headers: answeredHeaders(answer.headers) };
  const taps = exchange.hooks.flatMap((hook) => hook(head) ?? []);
  const { body } = exchange;
  // It was answered before it was sent: what is left of it must not be taken for the next request.
  if (body.isPresent && !body.isComplete) response.shouldKeepAlive = false;
  response.writeHead(head.status, withAdded(head.headers, exchange.added));
  // What has no length may come at long intervals, and a client wants to know that it began.
  if (answer.headers['content-length'] === undefined) response.flushHeaders();

  const idle = setTimeout(() => response.destroy(), idleMs);
  exchange.touch = () => void idle.refresh();
  response.once('close', () => clearTimeout(idle));
  tell(taps, answer, response);
  answer.on('data', (chunk: Buffer) => {
    idle.refresh();
    exchange.bytesOut += chunk.length;
    for (const tap of taps) tap.chunk(chunk);
    if (!response.write(chunk)) answer.pause();
  });
  response.on('drain', () => {
    idle.refresh();
    answer.resume();
  });
  answer.once('end', () => {
    if (body.isPresent && !body.isComplete) body.discard(DISCARD_BYTES, DISCARD_MS, () => response.end());
    else response.end();
  });
  // Whichever side goes away first takes the other one with it.
  answer.on('error', () => undefined);
  answer.once('close', () => {
    if (!answer.complete) response.destroy();
  });
  response.once('close', () => answer.destroy());
}

/** Tells the taps how it ended, once. */
function tell(taps: readonly BodyTap[], answer: IncomingMessage, response: ServerResponse): void {
  if (taps.length === 0) return;
  let isOver = false;
  const end = (isWhole: boolean): void => {
    if (!isOver) for (const tap of taps) tap.end(isWhole);
    isOver = true;
  };
  answer.once('end', () => end(answer.complete));
  answer.once('close', () => end(false));
  response.once('close', () => end(false));
}
