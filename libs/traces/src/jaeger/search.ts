import { EbbError, parseJson } from '@ebb/core';
import { fieldsOf, listOf, textOf, type Fields } from '../otlp/shape.ts';
import { spansOf } from '../otlp/spans.ts';
import type { StoredSpan } from '../span.ts';
import { spansOfDocument } from './read-document.ts';
import type { JaegerGet } from './reader.ts';

/** The traces with a span of a service that began in a window and has the tags. */
export interface JaegerQuery {
  readonly service: string;
  readonly since: Date;
  readonly until: Date;
  readonly tags?: Readonly<Record<string, string>>;
  /** At most so many traces. */
  readonly limit: number;
}

const OK = 200;
const NOT_FOUND = 404;

/**
 * All spans of the traces that fit, as a Jaeger has them. Its older API is asked first: not every version of the newer one looks at tags, so that a
 * caller had better look at them again.
 * @throws EbbError EBB_RUNTIME when it answers with a failure; and whatever `get` throws
 */
export async function searchJaeger(get: JaegerGet, query: JaegerQuery): Promise<readonly StoredSpan[]> {
  const older = await ask(get, `/api/traces?${olderQuery(query)}`);
  if (older && 'data' in older) return spansOfDocument(older);
  const newer = await ask(get, `/api/v3/traces?${newerQuery(query)}`);
  return newer?.result === undefined ? [] : spansOf(newer.result).spans;
}

/** The services that a Jaeger has spans of. @throws EbbError EBB_RUNTIME when it answers with a failure; and whatever `get` throws */
export async function jaegerServices(get: JaegerGet): Promise<readonly string[]> {
  const newer = await ask(get, '/api/v3/services');
  const names = newer && 'services' in newer ? newer.services : (await ask(get, '/api/services'))?.data;
  return listOf(names, '/services').map((name, n) => textOf(name, `/services/${n}`));
}

/** Undefined where there is nothing, or no such API: the page of the UI is what it gives for every address that it does not know. */
async function ask(get: JaegerGet, path: string): Promise<Fields | undefined> {
  const { status, body } = await get(path);
  if (status !== OK && status !== NOT_FOUND)
    throw new EbbError('EBB_RUNTIME', `${path.split('?')[0] ?? path} was answered with ${status}`);
  try {
    return status === OK ? fieldsOf(parseJson(body, { maxDepth: MAX_JSON_DEPTH }), 'the answer') : undefined;
  } catch {
    return undefined;
  }
}

/** An attribute's value takes up to four levels of JSON per level of its own. */
const MAX_JSON_DEPTH = 160;

function olderQuery({ service, since, until, tags, limit }: JaegerQuery): string {
  return new URLSearchParams({
    service,
    start: String(since.getTime() * 1_000),
    end: String(until.getTime() * 1_000),
    limit: String(limit),
    ...(tags && { tags: JSON.stringify(tags) }),
  }).toString();
}

function newerQuery({ service, since, until, tags, limit }: JaegerQuery): string {
  return new URLSearchParams({
    'query.service_name': service,
    'query.start_time_min': since.toISOString(),
    'query.start_time_max': until.toISOString(),
    'query.search_depth': String(limit),
    ...(tags && { 'query.attributes': JSON.stringify(tags) }),
  }).toString();
}
