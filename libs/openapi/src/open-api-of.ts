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
 * @throws EbbError EBB_DEFINITION when two services have one method and path
 */
export function openApiOf(entries: readonly CatalogueEntry[], options: OpenApiOptions): OpenApiDocument {
  const { title, version, description, servers, includes = () => true, further = {} } = options;
  const described = entries
    .flatMap(({ name, routes }) => routes.filter(includes).map((route) => ({ service: name, route })))
    .sort((one, other) => compare(keyOf(one), keyOf(other)));
  refuseTwins(described);
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
function refuseTwins(described: readonly Described[]): void {
  const owners = new Map<string, Described>();
  for (const each of described) {
    const address = `${each.route.method} ${each.route.path.replaceAll(/:\w+/g, ':')}`;
    const other = owners.get(address);
    if (other) {
      throw new EbbError(
        'EBB_DEFINITION',
        `${other.service} has ${other.route.method} ${other.route.path}, and ${each.service} ${each.route.method} ${each.route.path}: ` +
          'one of them cannot be reached; change a path, or say gateway: false',
      );
    }
    owners.set(address, each);
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
