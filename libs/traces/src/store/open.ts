import type { TraceStore } from './store.ts';

export interface TraceStoreOptions {
  readonly url: string;
  /** Spans older than this go at the next trim. Default 24 h. */
  readonly retentionMs?: number;
  /** How many spans to keep at most. Default 1,000,000. */
  readonly maxSpans?: number;
}

export declare function openTraceStore(options: TraceStoreOptions): Promise<TraceStore>;
