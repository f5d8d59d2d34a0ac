import type { CatalogueEntry, RouteEntry } from '@ebb/catalogue';

import type { GatewayRoute, Issuer, Upstream } from './gateway-route.ts';

/** Where a service is: `{service}` in the template stands for its name. */
export function serviceUpstream(template: string, service: string): Upstream {
  return { name: service, service, url: withoutSlash(template.replaceAll('{service}', service)) };
}

/** The routes of the services that are installed, as far as strangers may reach them. */
export function routesOf(entries: readonly CatalogueEntry[], template: string): GatewayRoute[] {
  return entries.flatMap(({ name, routes }) => {
    const upstream = serviceUpstream(template, name);
    return routes.flatMap((route) => routeOf(route, upstream) ?? []);
  });
}

/** The services of the catalogue that issue tokens. */
export function issuersOf(entries: readonly CatalogueEntry[], template: string): Issuer[] {
  return entries.flatMap(({ name, identity }) =>
    identity === undefined
      ? []
      : [
          {
            issuer: identity.issuer,
            jwksUrl: `${serviceUpstream(template, name).url}${identity.jwks}`,
            audience: identity.audience,
            service: name,
          },
        ],
  );
}

/** A route for other services only (`token`) is none of ours, whatever else it says. */
function routeOf(entry: RouteEntry, upstream: Upstream): GatewayRoute | undefined {
  const { method, path, access, cache, limits, maxBodyBytes, timeoutMs, stream } = entry;
  if (!entry.gateway || (typeof access === 'object' && 'token' in access)) return undefined;
  return Object.freeze({
    id: `${method} ${path}`,
    methods: [method],
    path,
    prefix: false,
    stripPrefix: '',
    upstream,
    access,
    limits,
    ...(cache && { cache }),
    maxBodyBytes,
    timeoutMs,
    stream,
  });
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');
