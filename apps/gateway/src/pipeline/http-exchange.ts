import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

import type { Logger } from '@ebb/core';
import type { Span } from '@opentelemetry/api';

import type { GatewayRoute } from '../routing/gateway-route.ts';
import type { Target } from '../routing/target.ts';
import type { AnswerHook } from './answer.ts';
import type { Caller, Client, Exchange } from './exchange.ts';
import type { Refusal, RefusalReason } from './refusal.ts';
import type { RequestBody } from './request-body.ts';

export interface HttpExchangeOptions {
  readonly request: IncomingMessage;
  readonly target: Target;
  readonly route: GatewayRoute;
  readonly params: Readonly<Record<string, string>>;
  readonly client: Client;
  readonly requestId: string;
  readonly upgrade: boolean;
  readonly span: Span;
  readonly log: Logger;
  readonly body: RequestBody;
}

const nothing = (): void => undefined;

/** An exchange over HTTP. What few requests need is made when it is asked for. */
export class HttpExchange implements Exchange {
  readonly method: string;
  readonly target: Target;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly route: GatewayRoute;
  readonly client: Client;
  readonly requestId: string;
  readonly upgrade: boolean;
  readonly span: Span;
  readonly body: RequestBody;
  readonly startedMs = performance.now();
  /** Headers of the request to the upstream, whatever the client sent. */
  readonly forwarded = new Map<string, string | undefined>();
  /** Headers of the answer, whoever gives it. */
  readonly added: Record<string, string> = {};
  readonly hooks: AnswerHook[] = [];
  caller: Caller | undefined;
  /** Why the gateway refused it. */
  refused: RefusalReason | undefined;
  /** Where the answer is from, when it is not from the upstream. */
  isOwnAnswer = false;
  bytesOut = 0;
  /** The connection speaks another protocol from now on. */
  isTunnel = false;
  /** Bytes moved, one way or the other. */
  touch: () => void = nothing;
  readonly #baseLog: Logger;
  #log: Logger | undefined;
  #ends: (() => void)[] = [];
  readonly #aborts: (() => void)[] = [];
  #aborting: AbortController | undefined;
  #abortReason: Error | undefined;

  constructor(options: HttpExchangeOptions) {
    const { request, target, route, params, client, requestId, upgrade, span, log, body } = options;
    this.method = request.method ?? 'GET';
    this.headers = request.headers;
    this.target = target;
    this.route = route;
    this.params = params;
    this.client = client;
    this.requestId = requestId;
    this.upgrade = upgrade;
    this.span = span;
    this.body = body;
    this.#baseLog = log;
    this.added['x-request-id'] = requestId;
  }

  get path(): string {
    return this.target.path;
  }

  get query(): string {
    return this.target.query;
  }

  get signal(): AbortSignal {
    if (!this.#aborting) {
      this.#aborting = new AbortController();
      if (this.#abortReason) this.#aborting.abort(this.#abortReason);
    }
    return this.#aborting.signal;
  }

  get log(): Logger {
    const { traceId, spanId } = this.span.spanContext();
    this.#log ??= this.#baseLog.child({ requestId: this.requestId, trace_id: traceId, span_id: spanId });
    return this.#log;
  }

  forward(name: string, value: string | undefined): void {
    this.forwarded.set(name, value);
  }

  addHeader(name: string, value: string): void {
    const before = name === 'vary' ? this.added[name] : undefined;
    this.added[name] = before === undefined ? value : `${before}, ${value}`;
  }

  onAnswer(hook: AnswerHook): void {
    this.hooks.push(hook);
  }

  onEnd(callback: () => void): void {
    this.#ends.push(callback);
  }

  readBody(): Promise<Buffer | Refusal> {
    return this.body.read();
  }

  /** Calls back when whoever works for this exchange may stop. */
  onAbort(callback: () => void): void {
    this.#aborts.push(callback);
    if (this.#abortReason) callback();
  }

  abort(reason: Error): void {
    if (this.#abortReason) return;
    this.#abortReason = reason;
    this.#aborting?.abort(reason);
    for (const callback of this.#aborts) callback();
  }

  /** The exchange is over. A callback that throws does not keep the others from being called. */
  end(): void {
    const ends = this.#ends;
    this.#ends = [];
    for (const end of ends) {
      try {
        end();
      } catch (error) {
        this.log.error({ err: error }, 'what follows an exchange failed');
      }
    }
  }
}
