import type { RecordedSpan } from '../tracing/recorded-span.ts';

/** Takes spans that have ended, and hands them on a moment later, many at once. */
export interface SpanSink {
  add(span: RecordedSpan): void;
  /** Resolves when what was added so far has been handed on, or given up. Never rejects. */
  flush(): Promise<void>;
  /** As {@link flush}, and ends it. */
  shutdown(): Promise<void>;
}
