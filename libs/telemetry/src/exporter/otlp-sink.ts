import { EbbError, messageOf, type Logger } from '@ebb/core';
import type { Attributes } from '@opentelemetry/api';
import type { RecordedSpan } from '../tracing/recorded-span.ts';
import { framesOf, jsonOf } from './otlp-json.ts';
import { Pages } from './pages.ts';
import type { SpanSink } from './sink.ts';

export interface OtlpSinkOptions {
  /** Base URL of the receiver; /v1/traces is added. */
  readonly endpoint: string;
  readonly timeoutMs: number;
  /** How long a span waits for company. */
  readonly delayMs: number;
  readonly resource: Attributes;
  readonly version: string | undefined;
  readonly logger: Logger;
}

/** So many are written down at once: one by one, between other work, each costs three times as much. */
const MAX_TOGETHER = 512;

/** Pages that may wait for a receiver that is slow; the spans of further ones are dropped. */
const MAX_WAITING = 32;

/**
 * Sends spans to an OTLP receiver. What does so is loaded with the first page, because a process that is waked by an event answers it first. When
 * the receiver is away, spans are dropped; one warning says so, and another only after it was back.
 */
export class OtlpSink implements SpanSink {
  readonly #options: OtlpSinkOptions;
  readonly #url: URL;
  readonly #pages: Pages;
  readonly #waiting: Buffer[] = [];
  #spans: RecordedSpan[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sender: ReturnType<typeof loadSender> | undefined;
  #sending: Promise<void> | undefined;
  #warned = false;

  /** @throws EbbError EBB_CONFIG when the endpoint is no http(s) URL */
  constructor(options: OtlpSinkOptions) {
    this.#options = options;
    this.#url = tracesUrl(options.endpoint);
    this.#pages = new Pages(framesOf(options.resource, options.version));
  }

  add(span: RecordedSpan): void {
    if (this.#spans.length === 0) this.#sendLater();
    this.#spans.push(span);
    if (this.#spans.length >= MAX_TOGETHER) this.#sendBegun();
  }

  async flush(): Promise<void> {
    this.#sendBegun();
    while (this.#sending) await this.#sending;
  }

  async shutdown(): Promise<void> {
    await this.flush();
    if (this.#sender) (await this.#sender).close();
  }

  #sendLater(): void {
    this.#timer = setTimeout(() => this.#sendBegun(), this.#options.delayMs).unref();
  }

  #sendBegun(): void {
    clearTimeout(this.#timer);
    const spans = this.#spans;
    this.#spans = [];
    for (const span of spans) {
      const full = this.#pages.add(jsonOf(span));
      if (full) this.#send(full);
    }
    const page = this.#pages.take();
    if (page) this.#send(page);
  }

  #send(page: Buffer): void {
    if (this.#waiting.length >= MAX_WAITING) return;
    this.#waiting.push(page);
    this.#sending ??= this.#sendAll();
  }

  /** One after the other. Never rejects. */
  async #sendAll(): Promise<void> {
    for (let page = this.#waiting.shift(); page; page = this.#waiting.shift()) await this.#sendOne(page);
    this.#sending = undefined;
  }

  async #sendOne(page: Buffer): Promise<void> {
    const { timeoutMs, logger } = this.#options;
    try {
      await (await (this.#sender ??= loadSender(this.#url, timeoutMs))).send(page);
      this.#warned = false;
    } catch (error) {
      if (!this.#warned) {
        logger.warn({ endpoint: this.#url.href }, `spans are dropped, no receiver for them: ${messageOf(error)}`);
      }
      this.#warned = true;
    }
  }
}

async function loadSender(url: URL, timeoutMs: number) {
  return (await import('./otlp.ts')).otlpSender(url, timeoutMs);
}

function tracesUrl(endpoint: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new EbbError('EBB_CONFIG', `"${endpoint}" is no endpoint for OTLP: write it like http://127.0.0.1:4318`);
  }
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`;
  return url;
}
