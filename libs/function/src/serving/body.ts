import { HttpProblem } from '@ebb/core';
import { parseData, type EventDefinition } from '@ebb/events';
import type { Request } from 'express';

/** Any Standard Schema that checks synchronously, such as one of zod/mini. */
type BodySchema<T> = EventDefinition<string, T>['schema'];

/**
 * The request's JSON body, checked against a schema.
 * @throws SchemaViolationError with every violation's path; the runtime answers it with 422
 * @throws HttpProblem 415 when the request carries no JSON
 */
export function parseBody<T>(schema: BodySchema<T>, request: Request): T {
  // The runtime leaves the body undefined when the request does not say that it is JSON.
  const body: unknown = request.body;
  if (body === undefined) throw new HttpProblem(415, 'send a body with content-type application/json');
  return parseData(schema, body, 'the request');
}
