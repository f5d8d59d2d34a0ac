import { storableName, storableText } from './storable.ts';
import type { TraceQuery } from './store.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1_500;
/** A runaway trace must not fill the memory of who looks at it. */
export const MAX_SPANS_PER_TRACE = 10_000;
const MAX_SPANS = 50_000;

/** A statement with its parameters. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** The statement that finds the spans of all traces that fit a query, newest trace first. */
export function searchStatement(query: TraceQuery): Statement {
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const conditions = conditionsOf(query, bind);
  const limit = Math.min(Math.max(query.limit ?? DEFAULT_LIMIT, 1), MAX_LIMIT);
  const text = `
    with found as (
      select trace_id, max(start_ns) as newest from ebb_traces.span
      ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
      group by trace_id order by newest desc limit ${bind(limit)}
    )
    select span.* from found
    cross join lateral (
      select * from ebb_traces.span where span.trace_id = found.trace_id order by start_ns limit ${MAX_SPANS_PER_TRACE}
    ) span
    order by found.newest desc, span.trace_id, span.start_ns, span.span_id limit ${MAX_SPANS}`;
  return { text, values };
}

function conditionsOf(query: TraceQuery, bind: (value: unknown) => string): string[] {
  const { service, operation, kind, startMinNs, startMaxNs, durationMinNs, durationMaxNs, tags = {} } = query;
  return [
    service !== undefined && `service = ${bind(storableName(service))}`,
    operation !== undefined && `name = ${bind(storableName(operation))}`,
    kind !== undefined && `kind = ${bind(kind)}`,
    startMinNs !== undefined && `start_ns >= ${bind(startMinNs)}`,
    startMaxNs !== undefined && `start_ns <= ${bind(startMaxNs)}`,
    durationMinNs !== undefined && `end_ns - start_ns >= ${bind(durationMinNs)}`,
    durationMaxNs !== undefined && `end_ns - start_ns <= ${bind(durationMaxNs)}`,
    ...Object.entries(tags).map(([key, value]) => tagCondition(storableText(key), storableText(value), bind)),
  ].filter((condition) => condition !== false);
}

/** Tags that Jaeger derives from a span, besides the span's attributes and its process's. */
function tagCondition(key: string, value: string, bind: (value: unknown) => string): string {
  if (key === 'error') return `(status_code = 'error') = ${bind(value === 'true')}`;
  if (key === 'span.kind') return `kind = ${bind(value)}`;
  if (key === 'otel.status_code') return `status_code = ${bind(value.toLowerCase())}`;
  const name = bind(key);
  return `coalesce(attributes ->> ${name}::text, resource ->> ${name}::text) = ${bind(value)}`;
}
