import type { Json } from '@ebb/core';

export type SpanKindName = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export interface SpanEvent {
  readonly name: string;
  readonly timeNs: bigint;
  readonly attributes: Readonly<Record<string, Json>>;
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Readonly<Record<string, Json>>;
}

export interface SpanStatus {
  readonly code: 'unset' | 'ok' | 'error';
  readonly message?: string;
}

/** One finished span as it is stored. Ids are lower-case hex; times are nanoseconds since the epoch. */
export interface StoredSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKindName;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly status: SpanStatus;
  readonly attributes: Readonly<Record<string, Json>>;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  /** What the process that made the span says of itself, such as service.version; `service` is its service.name. */
  readonly resource: Readonly<Record<string, Json>>;
  readonly scope?: { readonly name: string; readonly version?: string };
  readonly traceState?: string;
}
