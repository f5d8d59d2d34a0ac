import type { IncomingMessage } from 'node:http';

import type { SpanContext } from '@opentelemetry/api';

import { refusal, type Refusal } from './refusal.ts';

const REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** The client's own id where it is a sane one: it goes into logs, headers and documents. Otherwise it leads to the trace. */
export function requestIdOf({ headers }: IncomingMessage, { traceId, spanId }: SpanContext): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : `${traceId}-${spanId}`;
}

/**
 * What two readers of the same bytes could understand in two ways. The parser refuses the rest: a length beside an encoding, two lengths,
 * folded lines, no host.
 */
export function ambiguityOf(request: IncomingMessage): Refusal | undefined {
  const { 'transfer-encoding': encoding } = request.headers;
  if (encoding !== undefined && (encoding.toLowerCase() !== 'chunked' || request.httpVersion === '1.0')) {
    return refusal('malformed', 400, 'the only transfer-encoding that is taken is chunked, in HTTP/1.1');
  }
  let hosts = 0;
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const name = request.rawHeaders[at] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1 ? refusal('malformed', 400, 'the request names more than one host') : undefined;
}

/** The client asks what it may do, before it does it (CORS). */
export function preflightMethod({ method, headers }: IncomingMessage): string | undefined {
  return method === 'OPTIONS' && headers.origin !== undefined ? headers['access-control-request-method'] : undefined;
}
