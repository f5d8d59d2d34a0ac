import { HttpProblem, type Json } from '@ebb/core';
import { parseData } from '@ebb/events';
import * as z from 'zod/mini';
import { DEAD_REASONS, type DeadFilter, type EditRequest, type RedriveRequest } from './dead-api.ts';

const text = z.string().check(z.minLength(1), z.maxLength(1_000));
const time = z
  .string()
  .check(z.refine((value) => !Number.isNaN(Date.parse(value)), 'must be a time, like 2026-01-31T12:00:00Z'));

const FILTER = {
  reason: z.optional(z.enum(DEAD_REASONS)),
  service: z.optional(text),
  function: z.optional(text),
  type: z.optional(text),
  key: z.optional(text),
  since: z.optional(time),
  until: z.optional(time),
  closed: z.optional(z.boolean()),
};
const Filter = z.strictObject(FILTER);
const Redrive = z.strictObject({
  ...FILTER,
  force: z.optional(z.boolean()),
  limit: z.optional(z.int().check(z.minimum(1), z.maximum(100))),
  after: z.optional(text),
});
const RedriveOne = z.strictObject({ force: z.optional(z.boolean()) });
const Edit = z.strictObject({ data: z.json(), note: z.optional(text) });
const Discard = z.strictObject({ note: text });
const MAX_LIMIT = 500;

/** @throws SchemaViolationError with every violation */
export function parseDeadQuery(query: URLSearchParams): {
  filter: DeadFilter;
  page: { limit?: number; cursor?: string };
} {
  const { limit, cursor, closed, ...rest } = Object.fromEntries(query);
  const filter = parseData(
    Filter,
    { ...rest, ...(closed !== undefined && { closed: closed === '1' }) },
    'the query',
  ) as DeadFilter;
  const size = Number(limit ?? 50);
  if (!Number.isInteger(size) || size < 1 || size > MAX_LIMIT)
    throw new HttpProblem(400, `limit must be from 1 to ${MAX_LIMIT}`);
  return { filter, page: { limit: size, ...(cursor !== undefined && { cursor }) } };
}

/** @throws SchemaViolationError */
export function parseRedrive(body: Json): RedriveRequest {
  return parseData(Redrive, body, 'the request to redrive') as RedriveRequest;
}

/** @throws SchemaViolationError */
export function parseRedriveOne(body: Json): { readonly force?: boolean } {
  return parseData(RedriveOne, body, 'the request to redrive') as { readonly force?: boolean };
}

/** @throws SchemaViolationError */
export function parseEdit(body: Json): EditRequest {
  return parseData(Edit, body, 'the edit') as EditRequest;
}

/** @throws SchemaViolationError */
export function parseDiscard(body: Json): { readonly note: string } {
  return parseData(Discard, body, 'the request to discard');
}
