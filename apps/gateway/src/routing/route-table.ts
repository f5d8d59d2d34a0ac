import type { CatalogueEntry } from '@ebb/catalogue';

import type { GatewayRoute, Issuer } from './gateway-route.ts';
import { parsePattern, shapeOf } from './pattern.ts';
import { RouteTree, type Found } from './route-tree.ts';

/** Several routes want the same method and path: none of them is served. */
export interface RouteConflict {
  readonly method: string;
  readonly path: string;
  /** Who wants it: names of upstreams. */
  readonly claimants: readonly string[];
}

/** What a path leads to. */
export type Match =
  | { readonly kind: 'found'; readonly route: GatewayRoute; readonly params: Readonly<Record<string, string>> }
  /** Other methods have a route there. HEAD and OPTIONS are among them. */
  | { readonly kind: 'other-methods'; readonly allowed: readonly string[] }
  | { readonly kind: 'none' };

export interface RouteTableOptions {
  readonly routes: readonly GatewayRoute[];
  readonly issuers: readonly Issuer[];
  /** What is installed, for documents about it. */
  readonly entries?: readonly CatalogueEntry[];
}

const NONE: Match = Object.freeze({ kind: 'none' });

/** All that the gateway serves at one time. Never changed: another one takes its place. */
export class RouteTable {
  readonly routes: readonly GatewayRoute[];
  readonly issuers: readonly Issuer[];
  readonly entries: readonly CatalogueEntry[];
  readonly conflicts: readonly RouteConflict[];
  readonly #tree = new RouteTree();

  /** @throws Error for a path that is no pattern; whoever reads routes has checked them */
  constructor({ routes, issuers, entries = [] }: RouteTableOptions) {
    this.routes = routes;
    this.issuers = issuers;
    this.entries = entries;
    const claims = claimsOf(routes);
    this.conflicts = [...claims.values()].flatMap(conflictOf);
    for (const { pattern, route, method, claimants } of claims.values()) {
      if (claimants.length === 1) this.#tree.add(route, pattern, [method]);
    }
  }

  match(method: string, segments: readonly string[]): Match {
    const allowed = new Set<string>();
    const found: Found | undefined = this.#tree.find(method, segments, allowed);
    if (found) return { kind: 'found', ...found };
    if (allowed.size === 0) return NONE;
    if (allowed.has('GET')) allowed.add('HEAD');
    return { kind: 'other-methods', allowed: [...allowed.add('OPTIONS')].sort() };
  }
}

interface Claim {
  readonly method: string;
  readonly route: GatewayRoute;
  readonly pattern: ReturnType<typeof parsePattern>;
  readonly claimants: string[];
}

/** One entry for each method and shape of path. */
function claimsOf(routes: readonly GatewayRoute[]): ReadonlyMap<string, Claim> {
  const claims = new Map<string, Claim>();
  for (const route of routes) {
    const pattern = parsePattern(route.path);
    const shape = shapeOf(pattern, route.prefix);
    for (const method of route.methods) {
      const key = `${method} ${shape}`;
      const claimant = route.upstream?.name ?? 'a webhook';
      const known = claims.get(key);
      if (known) known.claimants.push(claimant);
      else claims.set(key, { method, route, pattern, claimants: [claimant] });
    }
  }
  return claims;
}

function conflictOf({ method, route, claimants }: Claim): RouteConflict[] {
  return claimants.length === 1 ? [] : [{ method, path: route.path, claimants }];
}
