import type { IncomingMessage } from 'node:http';

import { HttpProblem } from '@ebb/core';
import type { StandardSchemaV1 } from '@ebb/events';

import type { RouteDefinition } from '../definition/route.ts';
import { checkedInput } from './checked-input.ts';
import { parseBytes, readJson, readRaw } from './json-body.ts';

type Query = Readonly<Record<string, string | string[]>>;

/** @throws HttpProblem 404: what can be no parameter names nothing */
export function readParams({ params: schema }: RouteDefinition, params: unknown): unknown {
  return checkedInput(404, 'path', schema, params);
}

/**
 * Each value is a text, or a list where the parameter is given more than once. One that its schema wants as a list may be given once.
 * @throws HttpProblem 400 with every violation
 */
export function readQuery({ query: schema }: RouteDefinition, url: string): unknown {
  const from = url.indexOf('?');
  const given = queryOf(from === -1 ? '' : url.slice(from + 1));
  return checkedInput(400, 'query', schema, given, () => schema && withLists(schema, given));
}

/** @throws HttpProblem 400 with every violation */
export function readHeaders({ headers: schema }: RouteDefinition, { headers }: IncomingMessage): unknown {
  return schema ? checkedInput(400, 'headers', schema, headers) : headers;
}

/**
 * The body, as the route wants it.
 * @throws HttpProblem 415, 422 with every violation; EbbError EBB_JSON, EBB_TOO_LARGE
 */
export async function readRouteBody(
  { body: schema, raw, maxBodyBytes }: RouteDefinition,
  request: IncomingMessage,
): Promise<unknown> {
  if (raw) return readRaw(request, maxBodyBytes);
  if (!schema) return undefined;
  // Without a content-type that says JSON the body stays unread.
  const body = await readJson(request, maxBodyBytes);
  if (body === undefined) throw new HttpProblem(415, 'send a body with content-type application/json');
  return checkedInput(422, 'body', schema, body);
}

/**
 * The bytes of a body as the JSON that a route with `raw` wants, once it has seen that they are genuine.
 * @throws EbbError EBB_JSON, answered with 400; HttpProblem 422 with every violation
 */
export function readBytes({ body: schema }: RouteDefinition, body: unknown): unknown {
  return checkedInput(422, 'body', schema, parseBytes(body as Buffer));
}

function queryOf(text: string): Query {
  // Without a prototype, so that no name means more than what was sent.
  const query = Object.create(null) as Record<string, string | string[]>;
  for (const [name, value] of new URLSearchParams(text)) {
    const before = query[name];
    query[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return query;
}

/** The query once more, with lists where the schema complained about single values; undefined when that does not help either. */
function withLists(schema: StandardSchemaV1, given: Query): unknown {
  const first = schema['~standard'].validate(given);
  if (first instanceof Promise || !first.issues) return undefined;
  const names = new Set(first.issues.flatMap(({ path = [] }) => (path.length === 1 ? [nameOf(path[0])] : [])));
  const listed = Object.entries(given).map(([name, value]) => [
    name,
    names.has(name) && typeof value === 'string' ? [value] : value,
  ]);
  const second = schema['~standard'].validate(Object.fromEntries(listed));
  return second instanceof Promise || second.issues ? undefined : second.value;
}

function nameOf(segment: PropertyKey | StandardSchemaV1.PathSegment | undefined): string {
  return String(typeof segment === 'object' ? segment.key : segment);
}
