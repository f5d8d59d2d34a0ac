import type { AccessEntry, JsonSchema, RouteEntry } from '@ebb/catalogue';
import { PROBLEM_CONTENT_TYPE, shortDuration } from '@ebb/core';

import type { Content, Operation, Parameter, Response } from './document.ts';
import type { Schemas } from './schemas.ts';

/** The name of the security scheme. */
export const BEARER = 'bearer';

/** Answers that a way to the service adds: status → what it means. Each is a problem document. */
export type FurtherAnswers = Readonly<Record<string, string>>;

/** One route as an operation. `service` is its tag unless it has tags of its own. */
export function operationOf(service: string, route: RouteEntry, schemas: Schemas, further: FurtherAnswers): Operation {
  const { summary, tags = [service], deprecated, body, raw, access } = route;
  const description = descriptionOf(route);
  const parameters = parametersOf(route, schemas);
  return {
    operationId: operationIdOf(route),
    summary,
    ...(description !== '' && { description }),
    tags,
    ...(deprecated === true && { deprecated }),
    ...(parameters.length > 0 && { parameters }),
    ...((body !== undefined || raw) && { requestBody: { required: true, content: bodyOf(body, schemas) } }),
    responses: responsesOf(route, schemas, further),
    security: access === 'anyone' ? [] : [{ [BEARER]: [] }],
  };
}

/** `PATCH /users/:userId` is `patchUsersByUserId`: it follows from the address, so it changes only when that does. */
function operationIdOf({ method, path }: RouteEntry): string {
  const words = path
    .split('/')
    .filter((segment) => segment !== '')
    .flatMap((segment) => (segment.startsWith(':') ? ['by', segment.slice(1)] : segment.split(/[^A-Za-z0-9]+/)))
    .filter((word) => word !== '');
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function descriptionOf({ description, access, limits }: RouteEntry): string {
  const counted = limits.map(
    ({ per, requests, windowMs }) => `At most ${requests} requests per ${per} in ${shortDuration(windowMs)}.`,
  );
  return [description, accessText(access), ...counted].filter((part) => part !== undefined).join('\n\n');
}

function accessText(access: AccessEntry): string | undefined {
  if (typeof access === 'string') return undefined;
  if ('token' in access) return 'For other services, with a token that they share.';
  const { roles, scopes, owner } = access;
  const who = [
    ...(owner === undefined ? [] : [`the user that \`${owner}\` names`]),
    ...(roles.length === 0 ? [] : [`who has the role ${roles.join(' or ')}`]),
  ];
  const by = who.length === 0 ? [] : [`For ${who.join(', or ')}.`];
  return [...by, ...(scopes.length === 0 ? [] : [`Needs the scope ${scopes.join(' and ')}.`])].join(' ');
}

function parametersOf({ params, query, headers }: RouteEntry, schemas: Schemas): readonly Parameter[] {
  return [
    ...parametersIn('path', params, schemas),
    ...parametersIn('query', query, schemas),
    ...parametersIn('header', headers, schemas),
  ];
}

/** OpenAPI has no room for a schema of them all: what holds between parameters stands in their descriptions. */
function parametersIn(place: Parameter['in'], schema: JsonSchema | undefined, schemas: Schemas): readonly Parameter[] {
  const { properties = {}, required = [] } = (schema ?? {}) as {
    properties?: Readonly<Record<string, JsonSchema>>;
    required?: readonly string[];
  };
  return Object.entries(properties)
    .filter(([name]) => place !== 'header' || !OWN_HEADERS.has(name))
    .map(([name, { description, ...own }]) => ({
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      schema: schemas.add(own),
      ...(typeof description === 'string' && { description }),
    }));
}

/** OpenAPI says these elsewhere, and ignores them among the parameters. */
const OWN_HEADERS = new Set(['accept', 'content-type', 'authorization']);

function bodyOf(body: JsonSchema | undefined, schemas: Schemas): Content {
  return body === undefined ? { '*/*': {} } : { 'application/json': { schema: schemas.add(body) } };
}

function responsesOf(
  { answers }: RouteEntry,
  schemas: Schemas,
  further: FurtherAnswers,
): Readonly<Record<string, Response>> {
  const problems = { [PROBLEM_CONTENT_TYPE]: { schema: schemas.problem } };
  const added = Object.entries(further).map(([status, description]): [string, Response] => [
    status,
    { description, content: problems },
  ]);
  const own = Object.entries(answers).map(([status, { description, schema, contentType, headers, problem }]) => {
    const content = problem === true ? problems : contentOf(schema && schemas.add(schema), contentType);
    const response: Response = {
      description: description === '' ? 'done' : description,
      ...(headers && { headers: headersOf(headers) }),
      ...(content && { content }),
    };
    return [status, response] as const;
  });
  // Object keys that are whole numbers come in their order by themselves.
  return Object.fromEntries([...added, ...own]);
}

function contentOf(schema: JsonSchema | undefined, contentType: string | undefined): Content | undefined {
  if (schema !== undefined) return { [contentType ?? 'application/json']: { schema } };
  return contentType === undefined ? undefined : { [contentType]: {} };
}

function headersOf(headers: Readonly<Record<string, string>>): NonNullable<Response['headers']> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );
}
