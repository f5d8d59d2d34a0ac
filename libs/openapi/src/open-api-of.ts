import type { CatalogueEntry, RouteEntry } from '@ebb/catalogue';
import { EbbError } from '@ebb/core';

import type { OpenApiDocument, Operation, Server } from './document.ts';
import { BEARER, operationOf, type FurtherAnswers } from './operation.ts';
import { Schemas } from './schemas.ts';

export interface OpenApiOptions {
  readonly title: string;
  readonly version: string;
  readonly description?: string;
  readonly servers?: readonly Server[];
  /** Which routes. Default: all. */
  readonly includes?: (route: RouteEntry) => boolean;
  /** What may be answered on the way to a service, besides what its routes say. */
  readonly further?: FurtherAnswers;
  /** What becomes of two routes with one method and path. Default: they are refused. */
  readonly twins?: 'refuse' | 'omit';
}

/** What the gateway may answer instead of any service. */
export const GATEWAY_ANSWERS: FurtherAnswers = {
  400: 'the request does not fit',
  429: 'too many requests',
  502: 'the service gave no answer that can be passed on',
  503: 'the service is away, or has too much to do',
  504: 'the service took too long',
};

/** Whether a route is reached through the gateway. */
export const isPublic = ({ gateway }: RouteEntry): boolean => gateway;

interface Described {
  readonly service: string;
  readonly route: RouteEntry;
}

/**
 * The HTTP API of services, as an OpenAPI 3.1 document: the same entries give the same document, however sorted.
 * @throws EbbError EBB_DEFINITION when two routes have one method and path, unless they are to be omitted
 */
export function openApiOf(entries: readonly CatalogueEntry[], options: OpenApiOptions): OpenApiDocument {
  const { title, version, description, servers, includes = () => true, further = {}, twins = 'refuse' } = options;
  const all = entries
    .flatMap(({ name, routes }) => routes.filter(includes).map((route) => ({ service: name, route })))
    .sort((one, other) => compare(keyOf(one), keyOf(other)));
  const described = withoutTwins(all, twins);
  const schemas = new Schemas();
  const paths: Record<string, Record<string, Operation>> = {};
  for (const { service, route } of described) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[route.method.toLowerCase()] = operationOf(service, route, schemas, further);
  }
  return {
    openapi: '3.1.0',
    info: { title, version, ...(description !== undefined && { description }) },
    ...(servers && { servers }),
    tags: [...new Set(described.flatMap(({ service, route }) => route.tags ?? [service]))].sort(compare).map(nameOf),
    paths,
    components: {
      schemas: schemas.all,
      securitySchemes: { [BEARER]: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

const nameOf = (name: string): { readonly name: string } => ({ name });
const keyOf = ({ service, route }: Described): string => `${route.path} ${route.method} ${service}`;

/** `/users/:id` and `/users/:userId` are one address. */
function withoutTwins(described: readonly Described[], twins: 'refuse' | 'omit'): readonly Described[] {
  const byAddress = new Map<string, Described[]>();
  for (const each of described) {
    const address = `${each.route.method} ${each.route.path.replaceAll(/:\w+/g, ':')}`;
    byAddress.set(address, [...(byAddress.get(address) ?? []), each]);
  }
  return [...byAddress.values()].flatMap((same) => {
    const [one, other] = same;
    if (!one || !other) return same;
    if (twins === 'omit') return [];
    throw new EbbError(
      'EBB_DEFINITION',
      `${one.service} has ${one.route.method} ${one.route.path}, and ${other.service} ${other.route.method} ${other.route.path}: ` +
        'one of them cannot be reached; change a path, or say gateway: false',
    );
  });
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
