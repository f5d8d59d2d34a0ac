import type { IncomingMessage, ServerResponse } from 'node:http';

import { problem } from '@ebb/core';

import { sendProblem } from './problems.ts';

export const HEALTH_PREFIX = '/healthz/';

/**
 * `GET /healthz/live` and `/healthz/ready`. Ready means: this process takes requests. PostgreSQL is not asked: when it
 * is down, taking every process out of service would turn 503 answers, which the broker retries, into time-outs.
 */
export function answerHealth(
  probe: string,
  request: IncomingMessage,
  response: ServerResponse,
  whyNotReady: () => string | undefined,
): void {
  const reason = probe === 'ready' ? whyNotReady() : undefined;
  if (probe !== 'live' && probe !== 'ready') sendProblem(response, problem(404, `there is no probe "${probe}"`));
  else if (request.method !== 'GET' && request.method !== 'HEAD') {
    sendProblem(response, problem(405, 'probes are read with GET'), { allow: 'GET, HEAD' });
  } else if (reason !== undefined) sendProblem(response, problem(503, `not ready: ${reason}`));
  else response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-store' }).end('ok\n');
}
