import type { IncomingHttpHeaders } from 'node:http';

import type { AnswerHeaders } from '../pipeline/answer.ts';
import type { HttpExchange } from '../pipeline/http-exchange.ts';

/** Belongs to one connection, never to the next (RFC 9110, 7.6.1). */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * What a client sends of these does not count: the gateway says it itself, or it says that the request is another one than was matched
 * and authorized.
 */
const NOT_FROM_CLIENTS: ReadonlySet<string> = new Set([
  'content-length',
  'expect',
  'forwarded',
  'host',
  'traceparent',
  'tracestate',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-proto',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-real-ip',
  'x-request-id',
  'x-rewrite-url',
]);

/** Headers with which parts of the platform speak to each other. */
const OF_THE_PLATFORM = /^(?:ebb|k)-/;

export interface ForwardedOptions {
  /** Of the upstream. */
  readonly host: string;
  readonly traceparent: string;
  readonly tracestate: string | undefined;
}

/** The headers of the request to the upstream; names and values in turn. */
export function forwardedHeaders(exchange: HttpExchange, options: ForwardedOptions): string[] {
  const { headers, client, forwarded, requestId } = exchange;
  const result = ['host', options.host];
  const dropped = droppedNames(headers.connection);
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || dropped.has(name) || NOT_FROM_CLIENTS.has(name) || forwarded.has(name)) continue;
    if (OF_THE_PLATFORM.test(name)) continue;
    result.push(name, Array.isArray(value) ? value.join(', ') : value);
  }
  for (const [name, value] of forwarded) if (value !== undefined) result.push(name, value);
  // Whatever `Connection` names: without its frame a body would be taken for the next request.
  if (headers['transfer-encoding'] !== undefined) result.push('transfer-encoding', 'chunked');
  else if (headers['content-length'] !== undefined) result.push('content-length', headers['content-length']);
  result.push('x-request-id', requestId, 'traceparent', options.traceparent);
  if (options.tracestate !== undefined) result.push('tracestate', options.tracestate);
  result.push('x-forwarded-for', client.address, 'x-forwarded-proto', client.scheme);
  if (client.host !== '') result.push('x-forwarded-host', client.host);
  return result;
}

/** The headers of the upstream's answer, as far as they concern the client. */
export function answeredHeaders(headers: IncomingHttpHeaders): AnswerHeaders {
  const result: AnswerHeaders = {};
  const dropped = droppedNames(headers.connection);
  for (const name in headers) if (!dropped.has(name)) result[name] = headers[name];
  return result;
}

function droppedNames(connection: string | undefined): ReadonlySet<string> {
  if (connection === undefined || /^(?:keep-alive|close|upgrade)$/i.test(connection)) return HOP_BY_HOP;
  const named = connection.toLowerCase().split(',');
  return new Set([...HOP_BY_HOP, ...named.map((name) => name.trim())]);
}
