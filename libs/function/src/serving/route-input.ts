import type { IncomingMessage } from 'node:http';

import { HttpProblem, SchemaViolationError, type Violation } from '@ebb/core';
import { parseData, type StandardSchemaV1 } from '@ebb/events';

import type { RouteDefinition } from '../definition/route.ts';
import { readJson, readRaw } from './json-body.ts';
import { unstorableIn } from './unstorable.ts';

type Place = 'path' | 'query' | 'headers' | 'body';

/** @throws HttpProblem 404: what can be no parameter names nothing */
export function readParams({ params: schema }: RouteDefinition, params: Readonly<Record<string, unknown>>): unknown {
  const refused = (): HttpProblem => new HttpProblem(404, `there is nothing at this path`);
  if (unstorableIn(params).length > 0) throw refused();
  if (!schema) return params;
  try {
    return parseData(schema, params, 'the path');
  } catch (error) {
    throw error instanceof SchemaViolationError ? problemOf(404, 'path', error.violations) : error;
  }
}

/**
 * Each value is a text, or a list where the parameter is given more than once. One that its schema wants as a list may be given once.
 * @throws HttpProblem 400 with every violation
 */
export function readQuery({ query: schema }: RouteDefinition, url: string): unknown {
  const given: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  const from = url.indexOf('?');
  for (const [name, value] of new URLSearchParams(from === -1 ? '' : url.slice(from + 1))) {
    const before = given[name];
    given[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return checked(400, 'query', schema, given, () => withLists(schema, given));
}

/** @throws HttpProblem 400 with every violation */
export function readHeaders({ headers: schema }: RouteDefinition, { headers }: IncomingMessage): unknown {
  return schema ? checked(400, 'headers', schema, headers) : headers;
}

/**
 * The body, as the route wants it.
 * @throws HttpProblem 415, 422 with every violation; EbbError EBB_JSON, EBB_TOO_LARGE
 */
export async function readRouteBody(
  { body: schema, raw, maxBodyBytes }: RouteDefinition,
  request: IncomingMessage,
): Promise<unknown> {
  if (!schema) return raw ? readRaw(request, maxBodyBytes) : undefined;
  // Without a content-type that says JSON the body stays unread.
  const body = await readJson(request, maxBodyBytes);
  if (body === undefined) throw new HttpProblem(415, 'send a body with content-type application/json');
  return checked(422, 'body', schema, body);
}

function checked(
  status: number,
  place: Place,
  schema: StandardSchemaV1 | undefined,
  given: unknown,
  otherwise?: () => unknown,
): unknown {
  const unstorable = unstorableIn(given);
  if (unstorable.length > 0) throw problemOf(status, place, unstorable);
  if (!schema) return given;
  try {
    return parseData(schema, given, `the ${place}`);
  } catch (error) {
    if (!(error instanceof SchemaViolationError)) throw error;
    const second = otherwise?.();
    if (second !== undefined) return second;
    throw problemOf(status, place, error.violations);
  }
}

/** The query once more, with lists where the schema complained about single values; undefined when that does not help either. */
function withLists(schema: StandardSchemaV1 | undefined, given: Readonly<Record<string, string | string[]>>): unknown {
  const result = schema?.['~standard'].validate(given);
  if (!result || result instanceof Promise || !result.issues) return undefined;
  const names = new Set(result.issues.flatMap(({ path = [] }) => (path.length === 1 ? [keyOf(path[0])] : [])));
  const lists = Object.entries(given).map(([name, value]) => [
    name,
    names.has(name) && typeof value === 'string' ? [value] : value,
  ]);
  const second = schema?.['~standard'].validate(Object.fromEntries(lists));
  return !second || second instanceof Promise || second.issues ? undefined : second.value;
}

function keyOf(segment: PropertyKey | StandardSchemaV1.PathSegment | undefined): string {
  return String(typeof segment === 'object' ? segment.key : segment);
}

const PLACES: Readonly<Record<Place, string>> = {
  path: 'the path names nothing',
  query: 'the query does not fit',
  headers: 'the headers do not fit',
  body: 'the body does not fit',
};

function problemOf(status: number, place: Place, violations: readonly Violation[]): HttpProblem {
  const details = violations.map(({ path, message }) => `${path === '' ? 'it' : path} ${message}`).join('; ');
  return new HttpProblem(status, `${PLACES[place]}: ${details}`, { extensions: { in: place, violations } });
}
