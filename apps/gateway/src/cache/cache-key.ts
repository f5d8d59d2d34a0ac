import type { Exchange } from '../pipeline/exchange.ts';
import type { RouteCache } from '../routing/gateway-route.ts';
import { canonicalQuery } from './canonical-query.ts';
import { isShared } from './is-shared.ts';

/**
 * What an answer is kept under: all of the request that the service gets to see. Two requests with one key cannot be answered differently, and
 * so nobody can have an answer kept for others that they made wrong with a header. Undefined for a request that has no key.
 */
export function cacheKey(exchange: Exchange, { vary }: RouteCache): string | undefined {
  const query = canonicalQuery(exchange.query);
  if (query === undefined) return undefined;
  const { route, path, client, headers, caller } = exchange;
  // Roles and scopes, too: the same user may have come with a token that shows less.
  const whose = isShared(route) ? undefined : (caller ?? null);
  const varying = vary.map((name) => headers[name] ?? '');
  return JSON.stringify([route.id, path, query, client.scheme, client.host.toLowerCase(), whose, varying]);
}
