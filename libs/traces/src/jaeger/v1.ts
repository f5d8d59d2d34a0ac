import { QueryError } from '../errors.ts';
import type { StoredSpan } from '../span.ts';
import type { TraceQuery, TraceStore } from '../store/store.ts';
import { traceDocument } from './document.ts';
import { goDuration } from './duration.ts';
import { traceIdOf, type Parameters } from './parameters.ts';
import { ok, type Reply } from './respond.ts';

/** The API that Jaeger's UI has used since its beginning, under /api. */

export interface Envelope {
  readonly data: unknown;
  readonly total: number;
  readonly limit: number;
  readonly offset: number;
  readonly errors: readonly EnvelopeError[] | null;
}

interface EnvelopeError {
  readonly code?: number;
  readonly msg: string;
  readonly traceID?: string;
}

export function errorReply(status: number, msg: string): Reply {
  return { status, document: envelope(null, 0, [{ code: status, msg }]) };
}

type Endpoint = (store: TraceStore, parameters: Parameters, argument: string) => Promise<Reply>;

/** Path pattern → what answers it; the group in a pattern is the endpoint's argument. */
export const V1_ENDPOINTS: readonly (readonly [RegExp, Endpoint])[] = [
  [/^\/api\/services$/, async (store) => list(await store.services())],
  [
    /^\/api\/services\/([^/]+)\/operations$/,
    async (store, _, service) => list([...new Set((await store.operations(service)).map(({ name }) => name))]),
  ],
  [/^\/api\/operations$/, operations],
  [/^\/api\/traces$/, search],
  [/^\/api\/traces\/([^/]+)$/, trace],
  [/^\/api\/dependencies$/, dependencies],
];

function envelope(data: unknown, total = 0, errors: readonly EnvelopeError[] | null = null): Envelope {
  return { data, total, limit: 0, offset: 0, errors };
}

function list(items: readonly unknown[]): Reply {
  return ok(envelope(items, items.length));
}

async function operations(store: TraceStore, parameters: Parameters): Promise<Reply> {
  const kind = parameters.text('spanKind');
  const found = await store.operations(requiredService(parameters));
  return list(
    found
      .filter((one) => kind === undefined || one.kind === kind)
      .map((one) => ({ name: one.name, spanKind: one.kind })),
  );
}

async function trace(store: TraceStore, _: Parameters, id: string): Promise<Reply> {
  const traceId = traceIdOf(id);
  const spans = await store.trace(traceId);
  return spans.length === 0 ? errorReply(404, 'trace not found') : ok(envelope([traceDocument(traceId, spans)]));
}

async function search(store: TraceStore, parameters: Parameters): Promise<Reply> {
  const ids = parameters.all('traceID').map(traceIdOf);
  if (ids.length > 0) return tracesById(store, ids);
  return ok(envelope((await store.search(searchQuery(parameters))).map(documentOf)));
}

/** The UI compares traces by asking for several at once; one that is missing does not hide the others. */
async function tracesById(store: TraceStore, ids: readonly string[]): Promise<Reply> {
  const found = await Promise.all(ids.slice(0, MAX_IDS).map((id) => store.trace(id)));
  const errors = ids.filter((_, index) => found[index]?.length === 0);
  return ok(
    envelope(
      found.filter((spans) => spans.length > 0).map(documentOf),
      0,
      errors.length === 0 ? null : errors.map((traceID) => ({ msg: 'trace not found', traceID })),
    ),
  );
}

const MAX_IDS = 100;
const DEFAULT_LIMIT = 100;
const DEFAULT_LOOKBACK_NS = 2n * 24n * 3_600n * 1_000_000_000n;
const MICROSECOND_NS = 1_000n;
const MILLISECOND_NS = 1_000_000n;

function searchQuery(parameters: Parameters): TraceQuery {
  const operation = parameters.text('operation');
  const durationMinNs = parameters.duration('minDuration');
  const durationMaxNs = parameters.duration('maxDuration');
  if (durationMinNs !== undefined && durationMaxNs !== undefined && durationMaxNs < durationMinNs) {
    throw new QueryError("'maxDuration' should be greater than 'minDuration'");
  }
  const startMaxNs = parameters.epoch('end', MICROSECOND_NS) ?? nowNs();
  return {
    service: requiredService(parameters),
    ...(operation !== undefined && { operation }),
    tags: tagsOf(parameters),
    startMinNs: parameters.epoch('start', MICROSECOND_NS) ?? startMaxNs - lookbackOf(parameters),
    startMaxNs,
    ...(durationMinNs !== undefined && { durationMinNs }),
    ...(durationMaxNs !== undefined && { durationMaxNs }),
    limit: parameters.integer('limit') ?? DEFAULT_LIMIT,
  };
}

/** The UI sends its own choice along ("1h", "2d", "custom"), besides the start it has computed from it. */
function lookbackOf(parameters: Parameters): bigint {
  const text = parameters.text('lookback') ?? '';
  const days = /^(\d{1,4})d$/.exec(text)?.[1];
  try {
    if (text === '' || text === 'custom') return DEFAULT_LOOKBACK_NS;
    return goDuration(days === undefined ? text : `${Number(days) * 24}h`);
  } catch (error) {
    throw new QueryError(`unable to parse param 'lookback': ${(error as Error).message}`, { cause: error });
  }
}

function tagsOf(parameters: Parameters): Readonly<Record<string, string>> {
  const pairs = parameters.all('tag').map((tag): [string, string] => {
    const colon = tag.indexOf(':');
    if (colon < 0) throw new QueryError(`malformed 'tag' parameter, expecting key:value, received: ${tag}`);
    return [tag.slice(0, colon), tag.slice(colon + 1)];
  });
  return { ...Object.fromEntries(pairs), ...parameters.map('tags') };
}

async function dependencies(store: TraceStore, parameters: Parameters): Promise<Reply> {
  const startMaxNs = parameters.epoch('endTs', MILLISECOND_NS) ?? nowNs();
  const lookbackMs = parameters.integer('lookback') ?? 24 * 3_600_000;
  const startMinNs = startMaxNs - BigInt(lookbackMs) * MILLISECOND_NS;
  const service = parameters.text('service');
  const links = await store.dependencies({ startMinNs, startMaxNs });
  return ok(
    envelope(links.filter(({ parent, child }) => service === undefined || parent === service || child === service)),
  );
}

function requiredService(parameters: Parameters): string {
  const service = parameters.text('service');
  if (service === undefined) throw new QueryError("parameter 'service' is required");
  return service;
}

function documentOf(spans: readonly StoredSpan[]): unknown {
  return traceDocument(spans[0]?.traceId ?? '', spans);
}

function nowNs(): bigint {
  return BigInt(Date.now()) * MILLISECOND_NS;
}
