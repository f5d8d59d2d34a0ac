import type { IncomingHttpHeaders } from 'node:http';

import { openSpan, parseTraceparent, type Telemetry } from '@ebb/telemetry';
import { SpanKind, SpanStatusCode, type Span } from '@opentelemetry/api';

import type { HttpExchange } from '../pipeline/http-exchange.ts';
import type { GatewayRoute } from '../routing/gateway-route.ts';

const FIRST_FAILURE_STATUS = 500;

/** The span of a request, in the trace that the client began, or in a new one. */
export function startServerSpan(
  tracer: Telemetry['tracer'],
  method: string,
  headers: IncomingHttpHeaders,
  route: GatewayRoute,
): Span {
  const { traceparent, tracestate } = headers;
  const state = Array.isArray(tracestate) ? tracestate.join(',') : tracestate;
  const parent = parseTraceparent(Array.isArray(traceparent) ? undefined : traceparent, state);
  const attributes = { 'http.request.method': method, 'http.route': route.path };
  return openSpan(tracer, `${method} ${route.path}`, { kind: SpanKind.SERVER, parent, attributes }).span;
}

export function endServerSpan({ span, refused, requestId, client }: HttpExchange, status: number): void {
  span.setAttributes({
    'http.response.status_code': status,
    'ebb.request_id': requestId,
    'client.address': client.address,
    'ebb.refused': refused,
  });
  if (status >= FIRST_FAILURE_STATUS) span.setStatus({ code: SpanStatusCode.ERROR, message: `answered ${status}` });
  span.end();
}
