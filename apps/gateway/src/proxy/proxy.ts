import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

import { openSpan, traceparentOf, type Telemetry } from '@ebb/telemetry';
import { SpanKind, SpanStatusCode, type Span } from '@opentelemetry/api';

import type { GatewayMetrics } from '../observe/gateway-metrics.ts';
import type { HttpExchange } from '../pipeline/http-exchange.ts';
import { refusal, type Refusal } from '../pipeline/refusal.ts';
import { reply } from '../pipeline/reply.ts';
import type { GatewayRoute, Upstream } from '../routing/gateway-route.ts';
import { encoded } from '../routing/target.ts';
import { attempt, type Outcome } from './attempt.ts';
import { forwardedHeaders } from './forward-headers.ts';
import { relayAnswer } from './relay-answer.ts';
import { openTunnel } from './tunnel.ts';
import type { UpstreamClient } from './upstream-client.ts';
import type { Upstreams } from './upstreams.ts';

export interface ProxyOptions {
  readonly upstreams: Upstreams;
  readonly metrics: GatewayMetrics;
  readonly tracer: Telemetry['tracer'];
  /** On top of a route's own time, where the upstream may have to wake. */
  readonly wakeMs: number;
  /** How long nothing may move in an answer. */
  readonly idleMs: number;
  /** The same in a stream or a tunnel. */
  readonly streamIdleMs: number;
}

/** Where an answer goes. */
export interface Reply {
  readonly response: ServerResponse;
  /** The connection of a client that wants to upgrade it. */
  readonly upgrading: { readonly socket: Duplex; readonly head: Buffer } | undefined;
}

/** Takes requests to their upstreams, and answers back. */
export class Proxy {
  readonly #options: ProxyOptions;

  constructor(options: ProxyOptions) {
    this.#options = options;
  }

  /** Resolves when the answer has begun. */
  async forward(exchange: HttpExchange, upstream: Upstream, to: Reply): Promise<void> {
    const client = this.#options.upstreams.of(upstream);
    const outcome = await client.breaker.run(() => this.#ask(exchange, client));
    if (outcome === undefined) {
      reply(exchange, to.response, circuitOpen(upstream, client));
      return;
    }
    if (outcome.kind === 'failed') this.#options.metrics.failed(client.name, outcome.failure);
    this.#answer(exchange, upstream, outcome, to);
  }

  #answer(exchange: HttpExchange, upstream: Upstream, outcome: Outcome, { response, upgrading }: Reply): void {
    const { idleMs, streamIdleMs, metrics } = this.#options;
    const idle = exchange.route.stream ? streamIdleMs : idleMs;
    if (outcome.kind === 'answer') {
      if (response.destroyed) outcome.answer.destroy();
      else relayAnswer(exchange, outcome.answer, response, idle);
    } else if (outcome.kind === 'upgraded') {
      if (upgrading) openTunnel({ exchange, upgrading, outcome, idleMs: idle, metrics });
      else outcome.socket.destroy();
    } else if (outcome.kind === 'failed') {
      exchange.log.warn({ upstream: upstream.name, failure: outcome.failure }, `no answer: ${outcome.detail}`);
      reply(exchange, response, refusalOf(upstream, outcome.failure));
    } else if (outcome.refusal) reply(exchange, response, outcome.refusal);
  }

  /** Once more where the connection had gone stale, over a fresh one. */
  async #ask(exchange: HttpExchange, client: UpstreamClient): Promise<Outcome> {
    const first = await this.#attempt(exchange, client, exchange.upgrade);
    return first.kind === 'failed' && first.isRetryable ? this.#attempt(exchange, client, true) : first;
  }

  async #attempt(exchange: HttpExchange, client: UpstreamClient, isFresh: boolean): Promise<Outcome> {
    const { route, method } = exchange;
    const span = this.#startSpan(exchange, client);
    const out = client.request({
      method,
      path: pathFor(exchange),
      headers: headersFor(exchange, client, span),
      isFresh,
    });
    const timeoutMs = route.timeoutMs + (client.isAwake ? 0 : this.#options.wakeMs);
    const outcome = await attempt({ exchange, out, timeoutMs, clientTooSlow });
    if (outcome.kind === 'answer' || outcome.kind === 'upgraded') {
      client.answered();
      span.setAttribute('http.response.status_code', outcome.answer.statusCode ?? 0);
      exchange.onEnd(() => span.end());
    } else {
      if (outcome.kind === 'failed') span.setStatus({ code: SpanStatusCode.ERROR, message: outcome.detail });
      span.end();
    }
    return outcome;
  }

  #startSpan({ method, span }: HttpExchange, { name, host }: UpstreamClient): Span {
    const attributes = { 'http.request.method': method, 'server.address': host, 'ebb.upstream': name };
    const options = { kind: SpanKind.CLIENT, parent: span.spanContext(), attributes };
    return openSpan(this.#options.tracer, `${method} ${name}`, options).span;
  }
}

function headersFor(exchange: HttpExchange, client: UpstreamClient, span: Span): string[] {
  const headers = forwardedHeaders(exchange, {
    host: client.host,
    traceparent: traceparentOf(span),
    tracestate: span.spanContext().traceState?.serialize(),
  });
  if (exchange.upgrade) headers.push('connection', 'upgrade', 'upgrade', 'websocket');
  return headers;
}

/** As the upstream knows it. A slash at the end means nothing but below a prefix. */
function pathFor({ route, target, query }: HttpExchange): string {
  const path = route.prefix || route.stripPrefix !== '' ? strippedPath(route, target) : encoded(target.segments, false);
  return query === '' ? path : `${path}?${query}`;
}

function strippedPath(route: GatewayRoute, { segments, path }: HttpExchange['target']): string {
  const stripped = route.stripPrefix.split('/').length - 1;
  return encoded(segments.slice(stripped), route.prefix && path.endsWith('/'));
}

const RETRY_SOON = { 'retry-after': '1' };

/** Where another system is, is nobody's business. */
const nameOf = ({ service }: Upstream): string => service ?? 'the upstream';

function refusalOf(upstream: Upstream, failure: 'refused' | 'reset' | 'timeout' | 'invalid'): Refusal {
  const name = nameOf(upstream);
  switch (failure) {
    case 'refused':
      return refusal('unreachable', 503, `${name} cannot be reached: try again in a moment`, { headers: RETRY_SOON });
    case 'timeout':
      return refusal('timeout', 504, `${name} did not answer in time: whether it did what was asked is not known`);
    case 'reset':
      return refusal('unreachable', 502, `${name} broke off: whether it did what was asked is not known`);
    case 'invalid':
      return refusal('unreachable', 502, `${name} did not answer in HTTP`);
  }
}

function circuitOpen(upstream: Upstream, client: UpstreamClient): Refusal {
  const seconds = Math.max(1, Math.ceil(client.breaker.retryAfterMs / 1_000));
  const detail = `${nameOf(upstream)} fails at the moment, and is not asked for a while: try again later`;
  return refusal('circuit-open', 503, detail, { headers: { 'retry-after': String(seconds) } });
}

function clientTooSlow(): Refusal {
  return refusal('timeout', 408, 'the body did not come in the time that this route allows');
}
