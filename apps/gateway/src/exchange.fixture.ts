import { silentLogger } from '@ebb/core';
import { trace } from '@opentelemetry/api';
import type { AnswerHead, AnswerHook, BodyTap } from './pipeline/answer.ts';
import type { Exchange } from './pipeline/exchange.ts';
import type { Refusal } from './pipeline/refusal.ts';
import type { GatewayRoute } from './routing/gateway-route.ts';

const ROUTE: GatewayRoute = {
  id: 'GET /things/:thingId',
  methods: ['GET'],
  path: '/things/:thingId',
  prefix: false,
  stripPrefix: '',
  upstream: { name: 'things', service: 'things', url: 'http://things.localhost:8080' },
  access: 'anyone',
  limits: [],
  maxBodyBytes: 1_000,
  timeoutMs: 30_000,
  stream: false,
};

export type ExchangeOptions = Partial<
  Pick<Exchange, 'method' | 'path' | 'query' | 'params' | 'headers' | 'caller' | 'signal'>
> & {
  readonly route?: Partial<GatewayRoute>;
  readonly address?: string;
  readonly host?: string;
  readonly body?: Buffer | Refusal;
};

/** An exchange that no server stands behind: it shows what policies did to it. */
export class TestExchange implements Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: Exchange['headers'];
  readonly route: GatewayRoute;
  readonly client: Exchange['client'];
  readonly requestId = 'request-1';
  readonly upgrade = false;
  readonly signal: AbortSignal;
  readonly log = silentLogger;
  readonly span = trace.getTracer('test').startSpan('request');
  caller: Exchange['caller'];
  /** What goes to the upstream instead of what the client sent. */
  readonly forwarded = new Map<string, string | undefined>();
  /** What is added to the answer. */
  readonly added: Record<string, string> = {};
  readonly #body: Buffer | Refusal;
  readonly #hooks: AnswerHook[] = [];
  readonly #callbacks: (() => void)[] = [];

  constructor(options: ExchangeOptions = {}) {
    this.method = options.method ?? 'GET';
    this.path = options.path ?? '/things/1';
    this.query = options.query ?? '';
    this.params = options.params ?? { thingId: '1' };
    this.headers = options.headers ?? {};
    this.route = { ...ROUTE, ...options.route };
    this.client = { address: options.address ?? '192.0.2.1', scheme: 'http', host: options.host ?? 'api.test' };
    this.caller = options.caller;
    this.signal = options.signal ?? new AbortController().signal;
    this.#body = options.body ?? Buffer.alloc(0);
  }

  forward(name: string, value: string | undefined): void {
    this.forwarded.set(name, value);
  }

  addHeader(name: string, value: string): void {
    const before = this.added[name];
    this.added[name] = name === 'vary' && before !== undefined ? `${before}, ${value}` : value;
  }

  onAnswer(hook: AnswerHook): void {
    this.#hooks.push(hook);
  }

  onEnd(callback: () => void): void {
    this.#callbacks.push(callback);
  }

  readBody(): Promise<Buffer | Refusal> {
    return Promise.resolve(this.#body);
  }

  /** The upstream answers: what the client is given of it. */
  answered(status: number, headers: AnswerHead['headers'], body = Buffer.alloc(0), complete = true): AnswerHead {
    const head = { status, headers: { ...headers } };
    const taps = this.#hooks.map((hook) => hook(head)).filter((tap): tap is BodyTap => tap !== undefined);
    for (const tap of taps) {
      if (body.length > 0) tap.chunk(body);
      tap.end(complete);
    }
    this.ended();
    return head;
  }

  /** The exchange is over. */
  ended(): void {
    for (const callback of this.#callbacks.splice(0)) callback();
  }
}
