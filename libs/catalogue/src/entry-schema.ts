import { durationMs, type Json } from '@ebb/core';
import * as z from 'zod/mini';

import { routeSchema } from './route-schema.ts';

/** A label of RFC 1123: what Kubernetes names must be. */
const DNS_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const PATH = /^\/\S*$/;
const CRON = /^\S+(?: \S+){4,5}$/;
const SQL_NAME = /^[a-z_][a-z0-9_]{0,62}$/;
const VARIABLE = /^[A-Z_][A-Z0-9_]*$/;

const text = z.string().check(z.minLength(1));
const label = z
  .string()
  .check(z.regex(DNS_LABEL, 'must be a DNS label: lower-case letters, digits and hyphens, at most 63'));
const path = z.string().check(z.regex(PATH, 'must be a path that begins with a slash'));
const count = z.int().check(z.minimum(0));
const positive = z.int().check(z.minimum(1));
const types = z.readonly(z.array(text));
const json: z.ZodMiniType<Json> = z.json();

const delivery = z.object({
  retry: count,
  backoffPolicy: z.enum(['linear', 'exponential']),
  backoffDelay: z.string().check(z.refine(isIsoDuration, 'must be a duration of ISO 8601, like PT0.2S')),
});

const fn = z.object({
  name: label,
  path,
  on: z.readonly(z.array(text).check(z.minLength(1))),
  filters: z.exactOptional(z.readonly(z.array(z.unknown()))),
  emits: types,
  timeoutMs: positive,
  concurrency: positive,
  order: z.enum(['ordered', 'unordered']),
  delivery,
  effect: z.enum(['transactional', 'leased', 'none']),
  leaseMs: z.exactOptional(positive),
});

const schedule = z.object({
  name: label,
  cron: z.string().check(z.regex(CRON, 'must have five fields, or six with leading seconds')),
  timeZone: z.exactOptional(z.string().check(z.refine(isTimeZone, 'must be a time zone, like Europe/Berlin'))),
  event: text,
  data: z.exactOptional(json),
});

const event = z.object({
  type: text,
  topic: label,
  schema: z.record(z.string(), z.unknown()),
  example: json,
  key: z.exactOptional(z.string().check(z.regex(/^(\/.*)?$/, 'must be a JSON Pointer, like /orderId'))),
  description: z.exactOptional(z.string()),
});

const database = z.object({
  schema: z
    .string()
    .check(z.regex(SQL_NAME, 'must be a name for a database schema: lower-case letters, digits and underscores')),
  migrations: z.boolean(),
});

const identity = z.object({ issuer: text, jwks: path, audience: text });

const setting = z.object({
  name: z.string().check(z.regex(VARIABLE, 'must be the name of an environment variable')),
  kind: text,
  description: z.string(),
  secret: z.boolean(),
  required: z.boolean(),
  default: z.exactOptional(json),
  service: z.exactOptional(label),
});

const scale = z.object({
  min: z.exactOptional(count),
  max: z.exactOptional(count),
  target: z.exactOptional(z.number().check(z.minimum(0.01))),
  windowMs: z.exactOptional(z.int().check(z.minimum(6_000), z.maximum(3_600_000))),
  concurrency: z.exactOptional(z.int().check(z.minimum(0), z.maximum(1_000))),
  timeoutMs: positive,
  startTimeoutMs: z.exactOptional(positive),
  annotations: z.exactOptional(z.record(z.string(), z.string())),
});

/** The form of a catalogue entry, place by place; how places depend on each other is checked apart. */
export const entrySchema = z.object({
  kind: z.enum(['service', 'worker']),
  name: label,
  version: text,
  functions: z.readonly(z.array(fn)),
  routes: z.readonly(z.array(routeSchema)),
  identity: z.exactOptional(identity),
  schedules: z.readonly(z.array(schedule)),
  events: z.readonly(z.array(event)),
  database: z.exactOptional(database),
  outboxes: z.boolean(),
  listens: z.exactOptional(z.object({ public: z.boolean() })),
  catalogue: z.exactOptional(z.boolean()),
  eventLog: z.exactOptional(z.boolean()),
  signsIdentity: z.exactOptional(z.boolean()),
  services: z.exactOptional(z.boolean()),
  settings: z.readonly(z.array(setting)),
  scale,
});

function isIsoDuration(value: string): boolean {
  try {
    return value.startsWith('P') && durationMs(value) >= 0;
  } catch {
    return false;
  }
}

function isTimeZone(value: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}
