import type { Json } from '@ebb/core';
import type { SpanKindName, SpanStatus, StoredSpan } from '../span.ts';

/** A row of ebb_traces.span, as the driver gives it. */
export interface SpanRow {
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_span_id: string | null;
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKindName;
  readonly start_ns: string;
  readonly end_ns: string;
  readonly status_code: SpanStatus['code'];
  readonly status_message: string | null;
  readonly attributes: Readonly<Record<string, Json>>;
  readonly events: readonly { name: string; timeNs: string; attributes: Readonly<Record<string, Json>> }[];
  readonly links: StoredSpan['links'];
  readonly resource: Readonly<Record<string, Json>>;
  readonly scope: NonNullable<StoredSpan['scope']> | null;
  readonly trace_state: string | null;
}

export function spanOfRow(row: SpanRow): StoredSpan {
  return {
    traceId: row.trace_id,
    spanId: row.span_id,
    ...(row.parent_span_id !== null && { parentSpanId: row.parent_span_id }),
    service: row.service,
    name: row.name,
    kind: row.kind,
    startNs: BigInt(row.start_ns),
    endNs: BigInt(row.end_ns),
    status: { code: row.status_code, ...(row.status_message !== null && { message: row.status_message }) },
    attributes: row.attributes,
    events: row.events.map((event) => ({ ...event, timeNs: BigInt(event.timeNs) })),
    links: row.links,
    resource: row.resource,
    ...(row.scope && { scope: row.scope }),
    ...(row.trace_state !== null && { traceState: row.trace_state }),
  };
}
