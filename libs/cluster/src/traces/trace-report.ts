import { EbbError, systemClock, type Json } from '@ebb/core';
import type { RenderTrace, TraceReport } from '@ebb/local/client';
import {
  jaegerServices,
  readJaeger,
  renderTree,
  searchJaeger,
  traceTree,
  type JaegerGet,
  type StoredSpan,
} from '@ebb/traces';

const TRACE_ID = /^[0-9a-f]{32}$/;
/** Spans arrive in batches: a trace that was asked for at once is given this long to appear. */
const PATIENCE_MS = 5_000;
const POLL_MS = 500;
const LOOKBACK_MS = 2 * 24 * 3_600_000;
const EVENT_ID = 'cloudevents.event_id';

/** The trace of an event or of a trace id, as a tree and as its spans. @throws EbbError EBB_USAGE when there is none */
export async function traceReport(
  get: JaegerGet,
  id: string,
  options: RenderTrace,
  patienceMs: number = PATIENCE_MS,
): Promise<TraceReport> {
  const deadline = systemClock.now() + patienceMs;
  for (;;) {
    const spans = TRACE_ID.test(id) ? await readJaeger(get, id) : await spansOfEvent(get, id);
    const [first] = spans;
    if (first) return { traceId: first.traceId, text: renderTree(traceTree(spans), options), spans: spans.map(asJson) };
    if (systemClock.now() >= deadline)
      throw new EbbError('EBB_USAGE', `no trace of "${id}": Jaeger has neither an event nor a trace of that id`);
    await systemClock.sleep(POLL_MS);
  }
}

/** All of the trace in which an event was handled last; Jaeger wants to know the service first. */
async function spansOfEvent(get: JaegerGet, eventId: string): Promise<readonly StoredSpan[]> {
  const until = new Date(systemClock.now());
  const since = new Date(until.getTime() - LOOKBACK_MS);
  const services = await jaegerServices(get);
  const found = await Promise.all(
    services.map((service) => searchJaeger(get, { service, since, until, tags: { [EVENT_ID]: eventId }, limit: 5 })),
  );
  const newest = found
    .flat()
    .filter(({ attributes }) => attributes[EVENT_ID] === eventId)
    .reduce<StoredSpan | undefined>((best, span) => (best && best.startNs >= span.startNs ? best : span), undefined);
  return newest ? readJaeger(get, newest.traceId) : [];
}

function asJson(span: StoredSpan): Json {
  return JSON.parse(
    JSON.stringify(span, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  ) as Json;
}
