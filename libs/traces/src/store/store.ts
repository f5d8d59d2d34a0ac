import type { SpanKindName, StoredSpan } from '../span.ts';

export interface Operation {
  readonly name: string;
  readonly kind: SpanKindName;
}

/** Which traces to find: those with at least one span that fits all of it. */
export interface TraceQuery {
  readonly service?: string;
  readonly operation?: string;
  readonly kind?: SpanKindName;
  /** Attribute → text form of its value. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Bounds on the span's start, both included. */
  readonly startMinNs?: bigint;
  readonly startMaxNs?: bigint;
  readonly durationMinNs?: bigint;
  readonly durationMaxNs?: bigint;
  /** How many traces, newest first. Default 20, at most 1,500. */
  readonly limit?: number;
}

/** How often spans of one service are the parents of another's. */
export interface DependencyLink {
  readonly parent: string;
  readonly child: string;
  readonly callCount: number;
}

export interface TraceStore {
  /** Stores spans; one that is stored already (same trace and span id) is left as it is. */
  write(spans: readonly StoredSpan[]): Promise<void>;
  /** All spans of a trace by start; empty when there is none. */
  trace(traceId: string): Promise<readonly StoredSpan[]>;
  /** Ids of the traces in which an event was handled (attribute `cloudevents.event_id`), newest first. */
  findByEvent(eventId: string): Promise<readonly string[]>;
  services(): Promise<readonly string[]>;
  operations(service: string): Promise<readonly Operation[]>;
  /** The traces that fit a query, newest first, each with all of its spans. */
  search(query: TraceQuery): Promise<readonly (readonly StoredSpan[])[]>;
  dependencies(range: { readonly startMinNs: bigint; readonly startMaxNs: bigint }): Promise<readonly DependencyLink[]>;
  /** Deletes what is past the retention; returns how many spans went. */
  trim(): Promise<number>;
  close(): Promise<void>;
}
