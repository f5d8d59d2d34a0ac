import type { Settings } from '@ebb/core';
import type { EventDefinition, StandardSchemaV1 } from '@ebb/events';

import { MAX_BODY_BYTES } from '../serving/body-limit.ts';
import type { NoSettings } from './no-settings.ts';
import { needsCaller, tokenOf, type Access } from './route-access.ts';
import type { AnswerDefinition, AnswersDefinition, AnswersOptions, AnyAnswer } from './route-answers.ts';
import {
  METHODS,
  type CacheOptions,
  type LimitOptions,
  type Method,
  type ParamOf,
  type RouteContext,
  type RouteOptions,
  type RouteRequest,
  type RouteTarget,
} from './route-options.ts';
import { definitionOf, type DefinitionChecks } from './validate.ts';

export interface LimitDefinition {
  readonly per: 'client' | 'user';
  readonly requests: number;
  readonly windowMs: number;
}

export interface CacheDefinition {
  readonly maxAgeMs: number;
  readonly per: 'everyone' | 'user';
  readonly vary: readonly string[];
  readonly invalidatedBy: readonly { readonly event: EventDefinition; readonly param?: string }[];
}

/** A request of any route, as the runtime makes it. */
export type AnyRequest = RouteRequest & { readonly read: () => unknown };

export interface RouteDefinition {
  readonly kind: 'route';
  readonly method: Method;
  /** Such as `/users/:userId`. */
  readonly path: string;
  readonly summary: string;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  readonly deprecated: boolean;
  readonly params: StandardSchemaV1 | undefined;
  readonly query: StandardSchemaV1 | undefined;
  readonly headers: StandardSchemaV1 | undefined;
  readonly body: StandardSchemaV1 | undefined;
  readonly answers: AnswersDefinition;
  readonly access: Access;
  readonly gateway: boolean;
  readonly limits: readonly LimitDefinition[];
  readonly cache: CacheDefinition | undefined;
  readonly maxBodyBytes: number;
  /** Undefined: the service's. */
  readonly timeoutMs: number | undefined;
  readonly raw: boolean;
  readonly stream: boolean;
  readonly emits: readonly EventDefinition[];
  readonly settings: Settings;
  readonly handle: (
    request: AnyRequest,
    context: RouteContext,
  ) => AnyAnswer | undefined | Promise<AnyAnswer | undefined>;
}

const PATH = /^\/$|^(?:\/(?::[A-Za-z]\w*|[A-Za-z0-9._~-]+))+$/;
const RESERVED = /^\/(?:functions|schedules|healthz)(?:\/|$)/;
const MAX_SUMMARY = 120;
const MAX_TIMEOUT_MS = 600_000;
const MOST_BODY_BYTES = 33_554_432;
const MAX_WINDOW_MS = 86_400_000;
const HEADER = /^[a-z0-9-]+$/;

/**
 * Defines one HTTP route: what it takes, what it answers, who may call it, and its handler.
 * @throws EbbError EBB_DEFINITION, naming the route and the field
 */
export function defineRoute<
  const Target extends RouteTarget,
  const Answers extends AnswersOptions,
  const A extends Access<ParamOf<Target>>,
  Params extends StandardSchemaV1 | undefined = undefined,
  Query extends StandardSchemaV1 | undefined = undefined,
  Headers extends StandardSchemaV1 | undefined = undefined,
  Body extends StandardSchemaV1 | undefined = undefined,
  const Raw extends boolean = false,
  const Stream extends boolean = false,
  const Emits extends readonly EventDefinition[] = readonly [],
  const S extends Settings = NoSettings,
>(
  target: Target,
  options: RouteOptions<Target, Params, Query, Headers, Body, Answers, A, Raw, Stream, Emits, S>,
): RouteDefinition {
  const check = definitionOf('route', target);
  const { method, path } = targetOf(check, target);
  const { summary, access, params, query, headers, body, raw = false, stream = false } = options;
  check.that(
    summary.trim() !== '' && summary.length <= MAX_SUMMARY,
    'summary',
    `must have 1 to ${MAX_SUMMARY} letters`,
  );
  check.that(!body || method !== 'GET', 'body', 'is not for GET: most of what lies between drops it');
  const emits: readonly EventDefinition[] = options.emits ?? [];
  check.unique(
    'emits',
    emits.map(({ type }) => type),
  );
  checkAccess(check, path, access);
  return Object.freeze({
    kind: 'route',
    method,
    path,
    summary,
    description: options.description,
    tags: options.tags ?? [],
    deprecated: options.deprecated ?? false,
    ...{ params, query, headers, body },
    answers: answersOf(check, options.answers),
    access,
    gateway: gatewayOf(check, access, options.gateway),
    limits: limitsOf(check, access, options.limit ?? []),
    cache: options.cache && cacheOf(check, { method, path, access, stream }, options.cache),
    maxBodyBytes: check.integer('maxBody', options.maxBody ?? MAX_BODY_BYTES, { min: 1, max: MOST_BODY_BYTES }),
    timeoutMs:
      options.timeout === undefined
        ? undefined
        : check.duration('timeout', options.timeout, { min: 1, max: MAX_TIMEOUT_MS }),
    raw,
    stream,
    emits,
    settings: options.settings ?? {},
    // The runtime checks a request against the route's schemas before it calls the handler, so its narrower parameters hold.
    handle: options.handle as unknown as RouteDefinition['handle'],
  } satisfies RouteDefinition);
}

/** What a person calls a route. */
export function nameOf({ method, path }: Pick<RouteDefinition, 'method' | 'path'>): string {
  return `${method} ${path}`;
}

/** Every event that a route publishes, or whose coming ends what was kept of its answers. */
export function eventsOf({ emits, cache }: RouteDefinition): readonly EventDefinition[] {
  return [...emits, ...(cache?.invalidatedBy ?? []).map(({ event }) => event)];
}

/** The names of the parameters in a path. */
export function paramsIn(path: string): readonly string[] {
  return path.split('/').flatMap((segment) => (segment.startsWith(':') ? [segment.slice(1)] : []));
}

function targetOf(check: DefinitionChecks, target: string): { readonly method: Method; readonly path: string } {
  const [word = '', path = '', ...rest] = target.split(' ');
  const method = METHODS.find((known) => known === word);
  if (!method || rest.length > 0)
    return check.fail('method', `must be one of ${METHODS.join(', ')}, a blank, and a path`);
  check.that(PATH.test(path), 'path', 'must be "/" or like "/orders/:orderId", without a slash at the end');
  check.that(!RESERVED.test(path), 'path', 'belongs to the runtime: /functions, /schedules and /healthz are taken');
  check.unique('path', paramsIn(path));
  return { method, path };
}

function answersOf(check: DefinitionChecks, options: AnswersOptions): AnswersDefinition {
  const answers = Object.entries(options).map(([key, given]) => {
    const status = Number(key);
    check.that(
      Number.isInteger(status) && status >= 200 && status <= 599,
      `answers.${key}`,
      'must be a status from 200 to 599',
    );
    if (typeof given !== 'string')
      return [status, { ...given, description: given.description ?? '', problem: false }] as const;
    check.that(status >= 400, `answers.${key}`, 'is no failure: give it a schema instead of a text');
    return [status, { description: given, problem: true }] as const;
  });
  check.that(answers.length > 0, 'answers', 'is empty');
  return new Map<number, AnswerDefinition>(answers);
}

function checkAccess(check: DefinitionChecks, path: string, access: Access): void {
  if (typeof access === 'string') {
    check.oneOf('access', access, ['anyone', 'signed-in']);
    return;
  }
  if (tokenOf(access) !== undefined) {
    check.that(Object.keys(access).length === 1, 'access', 'asks for a token, and for nothing else');
    return;
  }
  const { roles = [], scopes = [], owner } = access as { roles?: string[]; scopes?: string[]; owner?: string };
  check.that(
    roles.length + scopes.length > 0 || owner !== undefined,
    'access',
    'names no role, scope or owner: say signed-in',
  );
  check.unique('access.roles', roles);
  check.unique('access.scopes', scopes);
  for (const scope of scopes)
    check.that(/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope), 'access.scopes', `"${scope}" is no scope`);
  check.that(
    owner === undefined || paramsIn(path).includes(owner),
    'access.owner',
    `"${owner ?? ''}" is not in the path`,
  );
}

function gatewayOf(check: DefinitionChecks, access: Access, gateway: boolean | undefined): boolean {
  const isForServices = tokenOf(access) !== undefined;
  check.that(!(isForServices && gateway === true), 'gateway', 'is closed to a route that asks for a token of services');
  return gateway ?? !isForServices;
}

function limitsOf(
  check: DefinitionChecks,
  access: Access,
  limit: LimitOptions | readonly LimitOptions[],
): readonly LimitDefinition[] {
  return (isList(limit) ? limit : [limit]).map(({ per, requests, window }) => {
    check.oneOf('limit.per', per, ['client', 'user']);
    check.that(
      per === 'client' || needsCaller(access),
      'limit.per',
      'counts users, but the route does not ask who calls',
    );
    return {
      per,
      requests: check.integer('limit.requests', requests, { min: 1, max: 1_000_000_000 }),
      windowMs: check.duration('limit.window', window, { min: 1_000, max: MAX_WINDOW_MS }),
    };
  });
}

function cacheOf(
  check: DefinitionChecks,
  { method, path, access, stream }: Pick<RouteDefinition, 'method' | 'path' | 'access' | 'stream'>,
  { maxAge, per = needsCaller(access) ? 'user' : 'everyone', vary = [], invalidatedBy = [] }: CacheOptions<string>,
): CacheDefinition {
  check.that(method === 'GET', 'cache', 'is for GET only');
  check.that(!stream, 'cache', 'cannot keep a stream');
  check.oneOf('cache.per', per, ['everyone', 'user']);
  check.unique('cache.vary', vary);
  for (const name of vary) check.that(HEADER.test(name), 'cache.vary', `"${name}" must be a header in lower case`);
  for (const { param } of invalidatedBy) {
    const isKnown = param === undefined || paramsIn(path).includes(param);
    check.that(isKnown, 'cache.invalidatedBy', `"${param ?? ''}" is not in the path`);
  }
  return { maxAgeMs: check.duration('cache.maxAge', maxAge, { min: 1, max: MAX_WINDOW_MS }), per, vary, invalidatedBy };
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
