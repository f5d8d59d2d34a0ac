import { QueryError } from '../errors.ts';
import { tracesData } from '../otlp/encode.ts';
import type { SpanKindName } from '../span.ts';
import type { TraceQuery, TraceStore } from '../store/store.ts';
import { traceIdOf, type Parameters } from './parameters.ts';
import { ok, type Reply } from './respond.ts';

/**
 * The API that newer Jaeger versions keep alone, under /api/v3: OTLP in JSON. Parameters are taken in the present spelling
 * (query.serviceName) and in the one of before (query.service_name).
 */

export function errorReply(status: number, message: string): Reply {
  return { status, document: { error: { httpCode: status, message } } };
}

type Endpoint = (store: TraceStore, parameters: Parameters, argument: string) => Promise<Reply>;

export const V3_ENDPOINTS: readonly (readonly [RegExp, Endpoint])[] = [
  [/^\/api\/v3\/services$/, async (store) => ok({ services: await store.services() })],
  [/^\/api\/v3\/operations$/, operations],
  [/^\/api\/v3\/traces$/, search],
  [/^\/api\/v3\/traces\/([^/]+)$/, trace],
];

async function operations(store: TraceStore, parameters: Parameters): Promise<Reply> {
  const kind = parameters.text('spanKind', 'span_kind');
  const found = await store.operations(parameters.text('service') ?? '');
  return ok({
    operations: found
      .filter((one) => kind === undefined || one.kind === kind)
      .map((one) => ({ name: one.name, spanKind: one.kind })),
  });
}

async function trace(store: TraceStore, parameters: Parameters, id: string): Promise<Reply> {
  const from = parameters.instant('startTime', 'start_time') ?? 0n;
  const to = parameters.instant('endTime', 'end_time');
  const spans = await store.trace(traceIdOf(id));
  const within = spans.some(({ startNs }) => startNs >= from && (to === undefined || startNs <= to));
  return within ? ok({ result: tracesData(spans) }) : notFound();
}

async function search(store: TraceStore, parameters: Parameters): Promise<Reply> {
  const traces = await store.search(searchQuery(parameters));
  return traces.length === 0 ? notFound() : ok({ result: tracesData(traces.flat()) });
}

function notFound(): Reply {
  return errorReply(404, 'No traces found');
}

const DEFAULT_SEARCH_DEPTH = 100;

function searchQuery(parameters: Parameters): TraceQuery {
  const startMinNs = parameters.instant('query.startTimeMin', 'query.start_time_min');
  const startMaxNs = parameters.instant('query.startTimeMax', 'query.start_time_max');
  if (startMinNs === undefined || startMaxNs === undefined) {
    throw new QueryError('query.startTimeMin and query.startTimeMax are required');
  }
  const service = parameters.text('query.serviceName', 'query.service_name');
  const operation = parameters.text('query.operationName', 'query.operation_name');
  const kind = parameters.text('query.spanKind', 'query.span_kind');
  const durationMinNs = parameters.duration('query.durationMin', 'query.duration_min');
  const durationMaxNs = parameters.duration('query.durationMax', 'query.duration_max');
  return {
    startMinNs,
    startMaxNs,
    tags: parameters.map('query.attributes'),
    ...(service !== undefined && { service }),
    ...(operation !== undefined && { operation }),
    ...(kind !== undefined && { kind: kind as SpanKindName }),
    ...(durationMinNs !== undefined && { durationMinNs }),
    ...(durationMaxNs !== undefined && { durationMaxNs }),
    limit: parameters.integer('query.searchDepth', 'query.search_depth', 'query.num_traces') ?? DEFAULT_SEARCH_DEPTH,
  };
}
