import type { Exchange } from '../pipeline/exchange.ts';
import type { RouteCache } from '../routing/gateway-route.ts';
import { directivesOf } from './cache-control.ts';
import { cacheKey } from './cache-key.ts';
import { isShared } from './is-shared.ts';

/** A request for an answer that may be kept. */
export interface Asked {
  readonly exchange: Exchange;
  readonly rule: RouteCache;
  readonly key: string;
}

/** What the client said with these is for this request alone: it goes to the service, and the answer to nobody else. */
const ALONE: readonly string[] = ['content-length', 'transfer-encoding', 'if-match', 'if-unmodified-since'];

/** What a request asks for; undefined when it cannot share an answer, because it brings something along that is no part of a key. */
export function askedBy(exchange: Exchange, rule: RouteCache): Asked | undefined {
  const { headers, caller } = exchange;
  if (ALONE.some((name) => headers[name] !== undefined && headers[name] !== '0')) return undefined;
  // Whoever signs in with the service itself is known to it alone.
  if (headers.authorization !== undefined && !caller) return undefined;
  if (directivesOf(headers['cache-control']).has('no-store')) return undefined;
  const key = cacheKey(exchange, rule);
  return key === undefined ? undefined : { exchange, rule, key };
}

/** The client does not want what is kept, but its answer may be. */
export function wantsFresh({ headers }: Exchange): boolean {
  const directives = directivesOf(headers['cache-control'] ?? headers.pragma);
  return directives.has('no-cache') || directives.get('max-age') === '0';
}

/** The service sees nothing of the request that the key does not hold. */
export function forwardOnlyWhatCounts({ exchange, rule }: Asked): void {
  for (const name of Object.keys(exchange.headers)) {
    if (!rule.vary.includes(name)) exchange.forward(name, undefined);
  }
}

/** Tells caches on the way what the answer depends on. */
export function sayWhatCounts({ exchange, rule: { vary } }: Asked): void {
  const names = isShared(exchange.route) ? vary : ['authorization', ...vary];
  if (names.length > 0) exchange.addHeader('vary', names.join(', '));
}
