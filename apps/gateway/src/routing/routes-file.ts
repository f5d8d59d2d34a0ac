import { SchemaViolationError, type Violation } from '@ebb/core';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';

import { serviceUpstream } from './catalogue-routes.ts';
import type { GatewayRoute, Issuer, RouteCors, Upstream } from './gateway-route.ts';
import { routesFileSchema, type FileRoute, type RoutesFile } from './routes-file-schema.ts';

/** zod/mini has no words of its own. */
const { localeError } = en();

export interface OwnRoutes {
  readonly routes: readonly GatewayRoute[];
  readonly issuers: readonly Issuer[];
}

/**
 * Reads the gateway's own routes file, YAML or JSON.
 * @param template of SERVICES_URL
 * @throws SchemaViolationError with every mistake, each with its JSON Pointer; Error where the text is no YAML
 */
export function parseRoutesFile(content: string, template: string): OwnRoutes {
  // An empty file has no routes; aliases are bounded by the parser.
  const document: unknown = parse(content) ?? {};
  const result = z.safeParse(routesFileSchema, document, { error: localeError });
  if (!result.success) throw new SchemaViolationError('the routes file', result.error.issues.flatMap(violationsOf));
  const { routes, issuers } = result.data;
  return { routes: routes.map((route) => routeOf(route, template)), issuers: issuers.map(issuerOf) };
}

function routeOf(route: FileRoute, template: string): GatewayRoute {
  const { path, prefix, methods, access, limits, cache, cors, webhook } = route;
  const upstream = upstreamOf(route, template);
  return Object.freeze({
    id: `${methods.join(',')} ${path}${prefix ? '/**' : ''}`,
    methods,
    path,
    prefix,
    stripPrefix: route.stripPrefix ?? '',
    ...(upstream && { upstream }),
    access,
    limits: limits.map(({ per, requests, window }) => ({ per, requests, windowMs: window })),
    ...(cache && { cache: { ...cache, maxAgeMs: cache.maxAge } }),
    ...(cors && { cors: corsOf(cors) }),
    ...(webhook && { webhook }),
    maxBodyBytes: route.maxBody,
    timeoutMs: route.timeout,
    stream: route.stream,
  });
}

function upstreamOf({ to, service }: FileRoute, template: string): Upstream | undefined {
  if (service !== undefined) return serviceUpstream(template, service);
  return to === undefined ? undefined : { name: new URL(to).origin, url: to.replace(/\/+$/, '') };
}

function corsOf({ origins, credentials, maxAge, exposedHeaders }: NonNullable<FileRoute['cors']>): RouteCors {
  return { origins, credentials, maxAgeMs: maxAge, exposedHeaders };
}

function issuerOf({ jwks, ...issuer }: RoutesFile['issuers'][number]): Issuer {
  return { ...issuer, jwksUrl: jwks };
}

/** A union says only that nothing fits; what its members say tells what to do. */
function violationsOf({ path, message, ...issue }: z.core.$ZodIssue): Violation[] {
  const pointer = path.map((key) => `/${escaped(String(key))}`).join('');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: `${pointer}/${escaped(key)}`, message: 'is not known here' }));
  }
  return [{ path: pointer, message }];
}

/** RFC 6901 */
function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
