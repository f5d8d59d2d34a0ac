import { durationMs } from '@ebb/core';
import * as z from 'zod/mini';

import { ASYMMETRIC_ALGORITHMS } from '../auth/algorithms.ts';
import { parsePattern } from './pattern.ts';

const MAX_BODY_BYTES = 1_048_576;
const TIMEOUT = '30s';
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const HEADER = /^[a-z0-9-]+$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const ORIGIN = /^\*$|^https?:\/\/[^/\s?#]+$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_-]*$/;

const text = z.string().check(z.minLength(1));
const texts = z.array(text).check(z.minLength(1));
const positive = z.int().check(z.minimum(1));
const header = z.string().check(z.regex(HEADER, 'must be a header in lower case'));

const duration = z.pipe(
  z.string().check(z.refine(isDuration, 'must be a duration longer than nothing, like 500ms, 10s or 5m')),
  z.transform(durationMs),
);

const url = z.string().check(z.refine(isHttpUrl, 'must be a URL with http or https, without credentials, ? and #'));

const path = z.string().check((context) => {
  try {
    parsePattern(context.value);
  } catch (error) {
    context.issues.push({ code: 'custom', input: context.value, message: (error as Error).message });
  }
});

const access = z.union(
  [
    z.enum(['anyone', 'signed-in']),
    z.strictObject({ roles: z.exactOptional(texts), scopes: z.exactOptional(texts), owner: z.exactOptional(text) }),
  ],
  'must be anyone, signed-in, or an object with roles, scopes and owner',
);

const limit = z.strictObject({ per: z.enum(['client', 'user']), requests: positive, window: duration });

const cache = z.strictObject({
  maxAge: duration,
  per: z._default(z.enum(['everyone', 'user']), 'everyone'),
  vary: z._default(z.array(header), []),
  invalidatedBy: z._default(z.array(z.strictObject({ type: text, param: z.exactOptional(text) })), []),
});

const cors = z
  .strictObject({
    origins: z
      .array(z.string().check(z.regex(ORIGIN, 'must be * or an origin like https://app.example.com')))
      .check(z.minLength(1)),
    credentials: z._default(z.boolean(), false),
    maxAge: z._default(duration, 600_000),
    exposedHeaders: z._default(z.array(header), []),
  })
  .check(
    z.refine(
      ({ origins, credentials }) => !(credentials && origins.includes('*')),
      'cannot allow credentials to every origin: name the origins',
    ),
  );

const webhook = z.strictObject({
  event: text,
  secret: z.string().check(z.regex(VARIABLE, 'must be the name of a secret in WEBHOOK_SECRETS')),
});

const route = z
  .strictObject({
    path,
    prefix: z._default(z.boolean(), false),
    methods: z._default(z.array(z.enum(METHODS)).check(z.minLength(1)), ['GET']),
    to: z.exactOptional(url),
    service: z.exactOptional(z.string().check(z.regex(LABEL, 'must be the name of a service'))),
    webhook: z.exactOptional(webhook),
    stripPrefix: z.exactOptional(path),
    access,
    limits: z._default(z.array(limit), []),
    cache: z.exactOptional(cache),
    cors: z.exactOptional(cors),
    timeout: z._default(duration, durationMs(TIMEOUT)),
    maxBody: z._default(positive, MAX_BODY_BYTES),
    stream: z._default(z.boolean(), false),
  })
  .check((context) => {
    for (const { at, message } of inconsistenciesOf(context.value)) {
      context.issues.push({ code: 'custom', input: context.value, message, path: at });
    }
  });

const issuer = z.strictObject({
  issuer: text,
  // Whoever can change the keys on their way can be anybody.
  jwks: url.check(z.refine(isPrivate, 'must be a URL with https, unless it is on this machine')),
  audience: text,
  algorithms: z.exactOptional(z.array(z.enum(ASYMMETRIC_ALGORITHMS)).check(z.minLength(1))),
  name: z.exactOptional(z.string().check(z.regex(LABEL, 'must be lower-case letters, digits and hyphens'))),
  roles: z.exactOptional(text),
});

/** The gateway's own routes; what is not written down there is a mistake. */
export const routesFileSchema = z.strictObject({
  routes: z._default(z.array(route), []),
  issuers: z._default(z.array(issuer), []),
});

export type RoutesFile = z.output<typeof routesFileSchema>;
export type FileRoute = RoutesFile['routes'][number];

interface Inconsistency {
  readonly at: string[];
  readonly message: string;
}

function inconsistenciesOf(route: FileRouteBeforeCheck): Inconsistency[] {
  const { to, service, webhook: hook, stripPrefix, methods, cache: kept, stream, access: who } = route;
  const found: Inconsistency[] = [];
  const wrong = (at: string, message: string) => found.push({ at: [at], message });
  if ([to, service, hook].filter((target) => target !== undefined).length !== 1) {
    found.push({ at: [], message: 'needs one of to (a URL), service (a name) and webhook' });
  }
  if (stripPrefix !== undefined && !startsWithPath(route.path, stripPrefix)) {
    wrong('stripPrefix', `must be the beginning of the path ${route.path}`);
  }
  if (stripPrefix?.includes(':')) wrong('stripPrefix', 'cannot hold parameters');
  if (kept && !methods.includes('GET')) wrong('cache', 'is for GET only');
  if (kept && stream) wrong('cache', 'cannot keep a stream');
  if (hook && methods.join() !== 'POST') wrong('methods', 'must be [POST] for a webhook');
  if (hook && who !== 'anyone') wrong('access', 'must be anyone for a webhook: its signature proves who sent it');
  if (typeof who === 'object' && who.owner !== undefined && !namesParam(route.path, who.owner)) {
    wrong('access', `has the owner "${who.owner}", which is no parameter of the path ${route.path}`);
  }
  return found;
}

type FileRouteBeforeCheck = Pick<
  z.output<typeof route>,
  'path' | 'to' | 'service' | 'webhook' | 'stripPrefix' | 'methods' | 'cache' | 'stream' | 'access'
>;

const startsWithPath = (path: string, start: string): boolean => path === start || path.startsWith(`${start}/`);

const namesParam = (path: string, name: string): boolean => path.split('/').includes(`:${name}`);

function isDuration(value: string): boolean {
  try {
    return durationMs(value) > 0;
  } catch {
    return false;
  }
}

function isHttpUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  return /^https?:$/.test(protocol) && username + password + search + hash === '';
}

function isPrivate(value: string): boolean {
  const { protocol, hostname } = URL.canParse(value) ? new URL(value) : { protocol: '', hostname: '' };
  return protocol === 'https:' || /^(?:127\.\d+\.\d+\.\d+|\[::1\]|(?:.+\.)?localhost)$/.test(hostname);
}
