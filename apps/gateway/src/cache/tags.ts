import type { Exchange } from '../pipeline/exchange.ts';
import type { GatewayRoute, RouteCache } from '../routing/gateway-route.ts';

/** Somebody changed what is at a path. */
export function pathTag({ upstream }: Pick<GatewayRoute, 'upstream'>, path: string): string {
  return JSON.stringify(['path', upstream?.name ?? '', path]);
}

/** An event happened, to something or to somebody; or to whatever. */
export function eventTag(type: string, key?: string): string {
  return JSON.stringify(key === undefined ? ['event', type] : ['event', type, key]);
}

/** All that makes the answer to this request wrong. */
export function tagsOf({ route, path, params }: Exchange, { invalidatedBy }: RouteCache): readonly string[] {
  const events = invalidatedBy.map(({ type, param }) =>
    param === undefined ? eventTag(type) : eventTag(type, params[param] ?? ''),
  );
  return [...new Set([pathTag(route, path), ...events])];
}
