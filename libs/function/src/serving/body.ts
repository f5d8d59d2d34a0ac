import { HttpProblem, SchemaViolationError } from '@ebb/core';
import type { EventDefinition } from '@ebb/events';
import type { Request } from 'express';

/** Any Standard Schema whose check is synchronous, such as zod/mini's. */
export type BodySchema<T> = EventDefinition<string, T>['schema'];

/**
 * The request's JSON body, checked against a schema.
 * @throws SchemaViolationError with every violation's path; the runtime answers it with 422
 * @throws HttpProblem 415 when the request carries no JSON
 */
export function parseBody<T>(schema: BodySchema<T>, request: Request): T {
  // Express leaves the body undefined when no parser took it.
  const body: unknown = request.body;
  if (body === undefined) throw new HttpProblem(415, 'send a body with content-type application/json');
  const result = schema['~standard'].validate(body);
  if (result instanceof Promise) throw new TypeError('the schema of a body must check it synchronously');
  if (result.issues === undefined) return result.value;
  throw new SchemaViolationError(
    'body',
    result.issues.map(({ message, path = [] }) => ({ path: pointerOf(path), message })),
  );
}

type IssuePath = readonly (PropertyKey | { readonly key: PropertyKey })[];

/** RFC 6901. */
function pointerOf(path: IssuePath): string {
  return path
    .map((part) => String(typeof part === 'object' ? part.key : part))
    .map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
