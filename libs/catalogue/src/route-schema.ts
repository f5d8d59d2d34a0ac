import * as z from 'zod/mini';

const HEADER = /^[a-z0-9-]+$/;
const ROUTE_PATH = /^\/$|^(?:\/(?::[A-Za-z]\w*|[A-Za-z0-9._~-]+))+$/;
const STATUS = /^[2-5]\d\d$/;

const text = z.string().check(z.minLength(1));
const texts = z.readonly(z.array(text));
const positive = z.int().check(z.minimum(1));
const jsonSchema = z.record(z.string(), z.unknown());
const header = z.string().check(z.regex(HEADER, 'must be a header in lower case'));

const answer = z.object({
  description: z.string(),
  schema: z.exactOptional(jsonSchema),
  contentType: z.exactOptional(text),
  headers: z.exactOptional(z.record(header, z.string())),
  problem: z.exactOptional(z.boolean()),
});

const access = z.union([
  z.enum(['anyone', 'signed-in']),
  z.object({ token: z.literal(true) }),
  z.object({ roles: texts, scopes: texts, owner: z.exactOptional(text) }),
]);

const limit = z.object({ per: z.enum(['client', 'user']), requests: positive, windowMs: positive });

const cache = z.object({
  maxAgeMs: positive,
  per: z.enum(['everyone', 'user']),
  vary: z.readonly(z.array(header)),
  invalidatedBy: z.readonly(z.array(z.object({ type: text, param: z.exactOptional(text) }))),
});

/** The form of one route of a catalogue entry. */
export const routeSchema = z.object({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: z.string().check(z.regex(ROUTE_PATH, 'must be a path like /orders/:orderId')),
  summary: text,
  description: z.exactOptional(z.string()),
  tags: z.exactOptional(texts),
  deprecated: z.exactOptional(z.boolean()),
  params: z.exactOptional(jsonSchema),
  query: z.exactOptional(jsonSchema),
  headers: z.exactOptional(jsonSchema),
  body: z.exactOptional(jsonSchema),
  answers: z.record(z.string().check(z.regex(STATUS, 'must be a status from 200 to 599')), answer),
  access,
  gateway: z.boolean(),
  limits: z.readonly(z.array(limit)),
  cache: z.exactOptional(cache),
  maxBodyBytes: positive,
  timeoutMs: positive,
  raw: z.boolean(),
  stream: z.boolean(),
  emits: texts,
});
