import { HttpProblem, systemClock, type Json } from '@ebb/core';
import { renderTree, traceTree, type StoredSpan, type TraceStore } from '@ebb/traces';
import type { TraceReport } from './api.ts';

const TRACE_ID = /^[0-9a-f]{32}$/;
/** Spans arrive in batches: a trace that was asked for at once is given this long to appear. */
const PATIENCE_MS = 2_000;
const POLL_MS = 50;

/** The trace of an event or of a trace id, as a tree and as its spans. */
export async function traceReport(
  store: TraceStore,
  id: string,
  options: { color: boolean; width: number },
): Promise<TraceReport> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const traceId = await resolve(store, id);
    const spans = traceId === undefined ? [] : await store.trace(traceId);
    if (traceId !== undefined && spans.length > 0) {
      return { traceId, text: renderTree(traceTree(spans), options), spans: spans.map(spanAsJson) };
    }
    if (Date.now() > deadline)
      throw new HttpProblem(404, `no trace of "${id}": it is neither an event id nor a trace id seen here`);
    await systemClock.sleep(POLL_MS);
  }
}

async function resolve(store: TraceStore, id: string): Promise<string | undefined> {
  if (TRACE_ID.test(id)) return id;
  const [newest] = await store.findByEvent(id);
  return newest;
}

function spanAsJson(span: StoredSpan): Json {
  return JSON.parse(
    JSON.stringify(span, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  ) as Json;
}
