import { HttpProblem } from '@ebb/core';
import { parseData, type EventDefinition } from '@ebb/events';
import type { Request } from 'express';

import { rawBodyOf } from './json-body.ts';

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
  if (body === undefined) throw noJson();
  return parseData(schema, body, 'the request');
}

/**
 * The request's JSON body byte by byte, to verify a signature over it.
 * @throws HttpProblem 415 when the request carries no JSON
 */
export function rawBody(request: Request): Buffer {
  const body = rawBodyOf(request);
  if (body === undefined) throw noJson();
  return body;
}

function noJson(): HttpProblem {
  return new HttpProblem(415, 'send a body with content-type application/json');
}
