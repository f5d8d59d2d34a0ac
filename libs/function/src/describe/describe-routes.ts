import type { AccessEntry, AnswerEntry, JsonSchema, RouteEntry } from '@ebb/catalogue';
import { EbbError } from '@ebb/core';
import { jsonSchemaOf, type StandardSchemaV1 } from '@ebb/events';

import type { Access } from '../definition/route-access.ts';
import type { AnswerDefinition } from '../definition/route-answers.ts';
import { nameOf, paramsIn, type RouteDefinition } from '../definition/route.ts';
import type { ServiceDefinition } from '../definition/service.ts';
import { runtimeAnswersOf } from './runtime-answers.ts';

/**
 * The routes of a service, as documents and the gateway see them.
 * @throws EbbError EBB_DEFINITION, naming the route and the field
 */
export function describeRoutes(service: ServiceDefinition): Promise<readonly RouteEntry[]> {
  return Promise.all(service.routes.map((route) => describeRoute(route, service)));
}

async function describeRoute(route: RouteDefinition, service: ServiceDefinition): Promise<RouteEntry> {
  const { method, path, summary, description, tags, deprecated, cache, emits } = route;
  return {
    ...{ method, path, summary },
    ...(description !== undefined && { description }),
    ...(tags.length > 0 && { tags }),
    ...(deprecated && { deprecated }),
    ...(await describeInput(route)),
    answers: await describeAnswers(route, service),
    access: accessEntryOf(route.access),
    gateway: route.gateway,
    limits: route.limits,
    ...(cache && {
      cache: {
        ...cache,
        invalidatedBy: cache.invalidatedBy.map(({ event, param }) => ({
          type: event.type,
          ...(param !== undefined && { param }),
        })),
      },
    }),
    maxBodyBytes: route.maxBodyBytes,
    timeoutMs: route.timeoutMs ?? service.timeoutMs,
    raw: route.raw,
    stream: route.stream,
    emits: emits.map(({ type }) => type),
  };
}

async function describeInput(
  route: RouteDefinition,
): Promise<Pick<RouteEntry, 'params' | 'query' | 'headers' | 'body'>> {
  const { query, headers, body } = route;
  const params = await describeParams(route);
  return {
    ...(params && { params }),
    ...(query && { query: await objectSchema(route, 'query', query) }),
    ...(headers && { headers: await headersSchema(route, headers) }),
    ...(body && { body: await schemaOf(route, 'body', body) }),
  };
}

/** Each parameter of the path has its place in the schema, and the schema has no other. */
async function describeParams(route: RouteDefinition): Promise<JsonSchema | undefined> {
  const names = paramsIn(route.path);
  if (!route.params) {
    if (names.length === 0) return undefined;
    const properties = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
    return { type: 'object', properties, required: names };
  }
  const schema = await objectSchema(route, 'params', route.params);
  const known = Object.keys(schema.properties);
  for (const name of names) if (!known.includes(name)) fail(route, 'params', `has no "${name}", which the path has`);
  for (const name of known) if (!names.includes(name)) fail(route, 'params', `has "${name}", which the path has not`);
  return schema;
}

async function headersSchema(route: RouteDefinition, schema: StandardSchemaV1): Promise<JsonSchema> {
  const described = await objectSchema(route, 'headers', schema);
  for (const name of Object.keys(described.properties)) {
    if (name !== name.toLowerCase()) fail(route, 'headers', `has "${name}": write it in lower case`);
  }
  if (described.additionalProperties === false) {
    fail(route, 'headers', 'must be open (z.object): every request has others, such as host');
  }
  return described;
}

async function describeAnswers(
  route: RouteDefinition,
  service: ServiceDefinition,
): Promise<Readonly<Record<string, AnswerEntry>>> {
  const own = await Promise.all(
    [...route.answers].map(async ([status, answer]) => [status, await describeAnswer(route, status, answer)] as const),
  );
  const answers = new Map<number, AnswerEntry>([...runtimeAnswersOf(route, service), ...own]);
  return Object.fromEntries([...answers].sort(([one], [other]) => one - other));
}

async function describeAnswer(
  route: RouteDefinition,
  status: number,
  { description, schema, contentType, headers, problem }: AnswerDefinition,
): Promise<AnswerEntry> {
  return {
    description,
    ...(schema && { schema: await schemaOf(route, `answers.${status}`, schema) }),
    ...(contentType !== undefined && { contentType }),
    ...(headers && { headers }),
    ...(problem && { problem }),
  };
}

function accessEntryOf(access: Access): AccessEntry {
  if (typeof access === 'string') return access;
  if ('token' in access) return { token: true };
  const { roles = [], scopes = [], owner } = access;
  return { roles, scopes, ...(owner !== undefined && { owner }) };
}

interface ObjectSchema extends JsonSchema {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly additionalProperties?: unknown;
}

async function objectSchema(route: RouteDefinition, field: string, schema: StandardSchemaV1): Promise<ObjectSchema> {
  const described = await schemaOf(route, field, schema);
  const { properties } = described;
  if (described.type !== 'object' || typeof properties !== 'object' || properties === null) {
    return fail(route, field, 'must be the schema of an object');
  }
  return { ...described, properties: properties as Readonly<Record<string, unknown>> };
}

/**
 * What a client sends fits what the schema takes. So does what it is answered: no answer is put through its schema on the way, which would have
 * filled in defaults.
 */
function schemaOf(route: RouteDefinition, field: string, schema: StandardSchemaV1): Promise<JsonSchema> {
  return jsonSchemaOf(schema, `${field} of route "${nameOf(route)}"`);
}

function fail(route: RouteDefinition, field: string, what: string): never {
  throw new EbbError('EBB_DEFINITION', `route "${nameOf(route)}": ${field} ${what}`);
}
