import type { SpanContext } from '@opentelemetry/api';

/** What a receiver answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The body was longer than an event may be, and is not all here. */
  readonly truncated?: boolean;
}

/** What is sent to a receiver. */
export interface HttpRequest {
  readonly method: 'POST' | 'GET';
  readonly headers: Record<string, string>;
  readonly body?: Buffer;
  /** Milliseconds for the whole exchange. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly parent?: SpanContext;
}
