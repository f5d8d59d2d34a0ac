import pg from 'pg';
import type { StoredSpan } from '../span.ts';
import { migrateTraces } from './migrate.ts';
import { spanOfRow, type SpanRow } from './read.ts';
import { MAX_SPANS_PER_TRACE, searchStatement } from './search.ts';
import { storableName, storableText } from './storable.ts';
import type { DependencyLink, Operation, TraceStore } from './store.ts';
import { trimSpans } from './trim.ts';
import { WRITE_SPANS, writeParameters } from './write.ts';

export interface TraceStoreOptions {
  readonly url: string;
  /** Traces that ended longer ago go at the next trim. Default 24 h. */
  readonly retentionMs?: number;
  /** How many spans to keep. Default 1,000,000. */
  readonly maxSpans?: number;
  readonly maxConnections?: number;
}

const DEFAULT_RETENTION_MS = 24 * 60 * 60 * 1_000;
const DEFAULT_MAX_SPANS = 1_000_000;
/** Bounds the size of one statement, and how long it holds its locks. */
const MAX_BATCH = 2_000;

/**
 * Opens the span store in a PostgreSQL database, and makes its schema `ebb_traces` when it is not there.
 * Rejects when the database cannot be reached.
 */
export async function openTraceStore(options: TraceStoreOptions): Promise<TraceStore> {
  const { url, retentionMs = DEFAULT_RETENTION_MS, maxSpans = DEFAULT_MAX_SPANS, maxConnections = 4 } = options;
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    application_name: 'ebb traces',
    // Spans of the last moments may be lost with the machine; waiting for the disk would slow the events down instead.
    options: '-c synchronous_commit=off -c statement_timeout=30000',
  });
  // A connection that breaks while idle is replaced by the next query; unheard, its error would end the process.
  pool.on('error', () => undefined);
  try {
    await migrateTraces(pool);
  } catch (error) {
    await pool.end();
    throw error;
  }
  return { ...readers(pool), ...writers(pool, retentionMs, maxSpans), close: () => pool.end() };
}

function writers(pool: pg.Pool, retentionMs: number, maxSpans: number): Pick<TraceStore, 'write' | 'trim'> {
  return {
    async write(spans) {
      for (let at = 0; at < spans.length; at += MAX_BATCH) {
        const batch = spans.slice(at, at + MAX_BATCH);
        await pool.query({ name: 'write_spans', text: WRITE_SPANS, values: writeParameters(batch) });
      }
    },
    trim: () => trimSpans(pool, retentionMs, maxSpans),
  };
}

function readers(pool: pg.Pool): Omit<TraceStore, 'write' | 'trim' | 'close'> {
  const spans = async (text: string, values: readonly unknown[]): Promise<StoredSpan[]> =>
    (await pool.query<SpanRow>(text, [...values])).rows.map(spanOfRow);
  return {
    trace: (traceId) =>
      spans(
        `select * from ebb_traces.span where trace_id = $1 order by start_ns, span_id limit ${MAX_SPANS_PER_TRACE}`,
        [storableText(traceId).toLowerCase()],
      ),
    async findByEvent(eventId) {
      const { rows } = await pool.query<{ trace_id: string }>(
        `select trace_id from ebb_traces.span where event_id = $1 and attributes ->> 'cloudevents.event_id' = $2
         group by trace_id order by max(start_ns) desc limit 100`,
        [storableName(eventId), storableText(eventId)],
      );
      return rows.map((row) => row.trace_id);
    },
    async services() {
      const { rows } = await pool.query<{ service: string }>(
        'select distinct service from ebb_traces.operation order by service',
      );
      return rows.map((row) => row.service);
    },
    async operations(service) {
      const { rows } = await pool.query<Operation>(
        'select name, kind from ebb_traces.operation where service = $1 order by name, kind',
        [storableName(service)],
      );
      return rows;
    },
    async search(query) {
      const { text, values } = searchStatement(query);
      return byTrace(await spans(text, values));
    },
    async dependencies({ startMinNs, startMaxNs }) {
      const { rows } = await pool.query<DependencyLink>(DEPENDENCIES, [startMinNs, startMaxNs]);
      return rows;
    },
  };
}

const DEPENDENCIES = `
  select parent.service as parent, child.service as child, count(*)::int as "callCount"
  from ebb_traces.span child
  join ebb_traces.span parent on parent.trace_id = child.trace_id and parent.span_id = child.parent_span_id
  where child.start_ns between $1 and $2 and parent.service <> child.service
  group by 1, 2 order by 1, 2`;

/** Rows come with the spans of one trace together. */
function byTrace(spans: readonly StoredSpan[]): StoredSpan[][] {
  const traces = new Map<string, StoredSpan[]>();
  for (const span of spans) {
    const trace = traces.get(span.traceId);
    if (trace) trace.push(span);
    else traces.set(span.traceId, [span]);
  }
  return [...traces.values()];
}
