import type { StoredSpan } from '../span.ts';
import { storableJson, storableName, storableText } from './storable.ts';

/**
 * Stores a batch in one statement. Rows are inserted in the order of their keys, so that two batches that share spans wait
 * for each other instead of deadlocking.
 */
export const WRITE_SPANS = `
  with given as (
    select distinct on (trace_id, span_id) *
    from unnest(
      $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::text[],
      $10::text[], $11::jsonb[], $12::jsonb[], $13::jsonb[], $14::jsonb[], $15::jsonb[], $16::text[], $17::text[]
    ) as span (
      trace_id, span_id, parent_span_id, service, name, kind, start_ns, end_ns, status_code,
      status_message, attributes, events, links, resource, scope, trace_state, event_id
    )
    order by trace_id, span_id
  ), operations as (
    insert into ebb_traces.operation (service, name, kind)
    select distinct service, name, kind from given order by service, name, kind
    on conflict do nothing
  )
  insert into ebb_traces.span (
    trace_id, span_id, parent_span_id, service, name, kind, start_ns, end_ns, status_code,
    status_message, attributes, events, links, resource, scope, trace_state, event_id
  )
  select * from given order by trace_id, span_id
  on conflict do nothing`;

type Column = (span: StoredSpan) => string | null;

const COLUMNS: readonly Column[] = [
  (span) => span.traceId,
  (span) => span.spanId,
  (span) => span.parentSpanId ?? null,
  (span) => storableName(span.service),
  (span) => storableName(span.name),
  (span) => span.kind,
  (span) => span.startNs.toString(),
  (span) => span.endNs.toString(),
  (span) => span.status.code,
  (span) => (span.status.message === undefined ? null : storableText(span.status.message)),
  (span) => storableJson(span.attributes),
  // A time in nanoseconds is more than a JSON number holds exactly.
  (span) => storableJson(span.events.map((event) => ({ ...event, timeNs: event.timeNs.toString() }))),
  (span) => storableJson(span.links.map((link) => ({ ...link }))),
  (span) => storableJson(span.resource),
  (span) => (span.scope ? storableJson({ ...span.scope }) : null),
  (span) => (span.traceState === undefined ? null : storableText(span.traceState)),
  (span) => eventIdOf(span),
];

/** The parameters of {@link WRITE_SPANS}: one array per column. */
export function writeParameters(spans: readonly StoredSpan[]): (string | null)[][] {
  return COLUMNS.map((column) => spans.map(column));
}

function eventIdOf({ attributes }: StoredSpan): string | null {
  const id = attributes['cloudevents.event_id'];
  return typeof id === 'string' ? storableName(id) : null;
}
