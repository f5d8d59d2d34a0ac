import type { IncomingMessage, ServerResponse } from 'node:http';

import { HttpProblem, messageOf, type Logger } from '@ebb/core';
import type { Telemetry } from '@ebb/telemetry';

import type { Endpoints } from './endpoints.ts';
import { logAccess } from './observe/access-log.ts';
import { endServerSpan, startServerSpan } from './observe/exchange-span.ts';
import type { GatewayMetrics } from './observe/gateway-metrics.ts';
import { decide } from './pipeline/decide.ts';
import { POLICY_ORDER, type Policies, type Policy, type Verdict } from './pipeline/exchange.ts';
import { HttpExchange } from './pipeline/http-exchange.ts';
import { refusal, type Refusal } from './pipeline/refusal.ts';
import { reply } from './pipeline/reply.ts';
import { RequestBody } from './pipeline/request-body.ts';
import { ambiguityOf, preflightMethod, requestIdOf } from './pipeline/request-checks.ts';
import type { Proxy, Reply } from './proxy/proxy.ts';
import { NO_ROUTE, type GatewayRoute } from './routing/gateway-route.ts';
import type { Match, RouteTable } from './routing/route-table.ts';
import { isBadTarget, readTarget, type Target } from './routing/target.ts';
import type { ClientOf } from './server/client.ts';

export interface GatewayOptions {
  /** The table that holds now. */
  readonly table: () => RouteTable;
  readonly endpoints: Endpoints;
  readonly policies: Policies;
  readonly proxy: Proxy;
  readonly clientOf: ClientOf;
  readonly metrics: GatewayMetrics;
  readonly tracer: Telemetry['tracer'];
  readonly log: Logger;
}

/** A request as the server hands it over. */
export interface Incoming extends Reply {
  readonly request: IncomingMessage;
  /** Tells a client that waits for it to send its body. */
  readonly askToSend: (() => void) | undefined;
}

/** Where a request is headed, or why nowhere. */
interface Heading {
  readonly target: Target;
  readonly route: GatewayRoute;
  readonly params: Readonly<Record<string, string>>;
  readonly verdict: Verdict;
}

const NOWHERE: Target = { segments: [], path: '/', query: '' };
const NO_PARAMS = Object.freeze({});
const SWITCHING_PROTOCOLS = 101;
/** As others write it down who do not get to answer. */
const CLIENT_GONE = 499;

/** Takes each request through checks, policies and proxy, and writes down how it went. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #policies: readonly Policy[];
  /** For requests that are headed nowhere. */
  readonly #common: readonly Policy[];

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#policies = POLICY_ORDER.map((name) => options.policies[name]);
    this.#common = [options.policies.cors, options.policies.clientLimit];
  }

  /** Never throws. Says whether the answer may go on for ever. */
  handle(incoming: Incoming): { readonly isEndless: boolean } {
    const heading = this.#headingOf(incoming.request);
    const exchange = this.#begin(incoming, heading);
    try {
      const verdict = this.#decide(exchange, heading);
      if (verdict instanceof Promise) {
        verdict.then(
          (late) => this.#conclude(exchange, incoming, late),
          (error: unknown) => this.#fail(exchange, incoming, error),
        );
      } else this.#conclude(exchange, incoming, verdict);
    } catch (error) {
      this.#fail(exchange, incoming, error);
    }
    return { isEndless: heading.route.stream };
  }

  #headingOf(request: IncomingMessage): Heading {
    const nowhere = { target: NOWHERE, route: NO_ROUTE, params: NO_PARAMS };
    const ambiguity = ambiguityOf(request);
    if (ambiguity) return { ...nowhere, verdict: ambiguity };
    const target = readTarget(request.url ?? '');
    if (isBadTarget(target)) return { ...nowhere, verdict: refusal('malformed', target.status, target.detail) };
    const method = preflightMethod(request) ?? request.method ?? 'GET';
    const endpoint = this.#options.endpoints.get(target.path);
    if (endpoint) {
      const verdict = method === 'GET' || method === 'HEAD' ? undefined : otherMethods(request, ['GET', 'HEAD']);
      return { target, route: endpoint.route, params: NO_PARAMS, verdict };
    }
    const match: Match = this.#options.table().match(method, target.segments);
    if (match.kind === 'found') return { target, route: match.route, params: match.params, verdict: undefined };
    const verdict = match.kind === 'none' ? noRoute() : otherMethods(request, match.allowed);
    return { ...nowhere, target, verdict };
  }

  #begin({ request, response, upgrading, askToSend }: Incoming, { target, route, params }: Heading): HttpExchange {
    const { tracer, log, clientOf, metrics } = this.#options;
    const span = startServerSpan(tracer, request.method ?? 'GET', request.headers, route);
    const exchange = new HttpExchange({
      request,
      target,
      route,
      params,
      client: clientOf(request),
      requestId: requestIdOf(request, span.spanContext()),
      upgrade: upgrading !== undefined,
      span,
      log,
      body: new RequestBody(request, route.maxBodyBytes, askToSend),
    });
    metrics.began();
    response.once('close', () => this.#finish(exchange, response));
    return exchange;
  }

  #decide(exchange: HttpExchange, { verdict, route }: Heading): Verdict | Promise<Verdict> {
    if (verdict) return exchange.target === NOWHERE ? verdict : orElse(decide(this.#common, exchange), verdict);
    const endpoint = this.#options.endpoints.get(exchange.path);
    if (endpoint) return orElse(decide(this.#common, exchange), () => endpoint.answer(exchange));
    if (exchange.upgrade && !route.stream) return orElse(decide(this.#common, exchange), noUpgrade());
    // Before anything looks at it; the headers that CORS adds let a browser see why.
    if (exchange.body.isTooLarge) return orElse(decide(this.#common, exchange), exchange.body.tooLarge);
    return decide(this.#policies, exchange);
  }

  #conclude(exchange: HttpExchange, to: Reply, verdict: Verdict): void {
    // The client did not wait.
    if (to.response.destroyed) return;
    if (verdict) {
      reply(exchange, to.response, verdict);
      return;
    }
    const { upstream } = exchange.route;
    if (!upstream) throw new Error(`nothing answers ${exchange.route.id}`);
    this.#options.proxy.forward(exchange, upstream, to).catch((error: unknown) => this.#fail(exchange, to, error));
  }

  /** What nobody thought of stays inside: its message may hold anything. */
  #fail(exchange: HttpExchange, { response }: Reply, error: unknown): void {
    if (error instanceof HttpProblem) {
      reply(exchange, response, {
        kind: 'refusal',
        reason: 'internal',
        problem: error.problem,
        headers: error.headers,
      });
      return;
    }
    if (!response.destroyed) exchange.log.error({ err: error }, `a request failed: ${messageOf(error)}`);
    reply(exchange, response, refusal('internal', 500, 'the gateway failed; its log tells more'));
  }

  #finish(exchange: HttpExchange, response: ServerResponse): void {
    const { metrics } = this.#options;
    const durationMs = performance.now() - exchange.startedMs;
    if (!response.writableFinished) exchange.abort(new Error('the client went away'));
    exchange.end();
    const status = exchange.isTunnel ? SWITCHING_PROTOCOLS : response.headersSent ? response.statusCode : CLIENT_GONE;
    metrics.ended(exchange.route, status, durationMs);
    if (exchange.refused) metrics.rejected(exchange.refused);
    endServerSpan(exchange, status);
    logAccess(exchange, status, durationMs);
  }
}

/** What the policies say, or else what is to be said. */
function orElse(
  said: Verdict | Promise<Verdict>,
  other: Verdict | (() => Verdict | Promise<Verdict>),
): Verdict | Promise<Verdict> {
  const otherwise = typeof other === 'function' ? other : () => other;
  return said instanceof Promise ? said.then((verdict) => verdict ?? otherwise()) : (said ?? otherwise());
}

function noRoute(): Refusal {
  return refusal('unmatched', 404, 'there is no route for this path');
}

function noUpgrade(): Refusal {
  return refusal('upgrade', 400, 'this route does not take WebSockets');
}

function otherMethods({ method = '' }: IncomingMessage, allowed: readonly string[]): Verdict {
  const allow = allowed.join(', ');
  if (method === 'OPTIONS') return { kind: 'answer', status: 204, headers: { allow } };
  return refusal('method', 405, `${method} is not allowed here: ${allow} are`, { headers: { allow } });
}
