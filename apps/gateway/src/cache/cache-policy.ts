import type { Exchange, Policy, Verdict } from '../pipeline/exchange.ts';
import type { AnswerCache } from './answer-cache.ts';
import { askedBy, forwardOnlyWhatCounts, sayWhatCounts, wantsFresh, type Asked } from './asked.ts';
import { answerFrom } from './conditional.ts';
import type { Flight } from './flights.ts';
import { launch } from './launch.ts';
import { pathTag } from './tags.ts';
import { within } from './within.ts';

export interface CachePolicyOptions {
  readonly cache: AnswerCache;
  /** How long a request waits for the answer that another one asked for. */
  readonly patienceMs: number;
}

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Answers from what is kept; sees to it that answers are kept, and that requests for the same wait for one answer; and forgets what a request
 * may have changed.
 */
export function cachePolicy({ cache, patienceMs }: CachePolicyOptions): Policy {
  return (exchange) => {
    const { route, method } = exchange;
    if (!SAFE.has(method)) forgetWhatChanges(cache, exchange);
    if (!route.cache || route.stream || exchange.upgrade || !(method === 'GET' || method === 'HEAD')) return undefined;
    const asked = askedBy(exchange, route.cache);
    if (!asked) {
      tell(exchange, 'fwd=bypass');
      return undefined;
    }
    forwardOnlyWhatCounts(asked);
    sayWhatCounts(asked);
    if (!wantsFresh(exchange)) return lookUp(cache, asked, cache.clock.now() + patienceMs);
    tell(exchange, 'fwd=request');
    launch(cache, asked);
    return undefined;
  };
}

/** @param untilMs when its patience is over */
function lookUp(cache: AnswerCache, asked: Asked, untilMs: number): Verdict | Promise<Verdict> {
  const { exchange, key } = asked;
  const now = cache.clock.now();
  const kept = cache.store.get(key);
  if (kept) {
    tell(exchange, `hit; ttl=${Math.ceil((kept.expiresAtMs - now) / 1_000)}`);
    return answerFrom(kept, exchange.headers, now);
  }
  const flight = cache.isUnstorable(key) ? undefined : cache.flights.get(key);
  if (flight) return follow(cache, asked, flight, untilMs);
  tell(exchange, 'fwd=miss');
  launch(cache, asked);
  return undefined;
}

/** Waits for the answer that somebody else asked for. When that comes to nothing, one of those who wait asks. */
async function follow(cache: AnswerCache, asked: Asked, flight: Flight, untilMs: number): Promise<Verdict> {
  const { exchange, key } = asked;
  const landing = await within(flight.landed.promise, untilMs - cache.clock.now(), exchange.signal);
  if (landing === 'lost') return lookUp(cache, asked, untilMs);
  if (landing !== undefined && landing !== 'unstorable') {
    tell(exchange, 'fwd=miss; collapsed');
    return answerFrom(landing, exchange.headers, cache.clock.now());
  }
  // It takes long, perhaps because a client reads slowly: those who come from now on must not wait for it.
  cache.flights.leave(key, flight);
  tell(exchange, 'fwd=miss');
  launch(cache, asked);
  return undefined;
}

/** Whatever the service did about it, what is kept of this path may be wrong now; unless it said that it did nothing. */
function forgetWhatChanges(cache: AnswerCache, exchange: Exchange): void {
  const forget = (): void => cache.invalidate([pathTag(exchange.route, exchange.path)]);
  let isAnswered = false;
  exchange.onAnswer(({ status }) => {
    isAnswered = true;
    if (status < 400 || status >= 500) forget();
    return undefined;
  });
  exchange.onEnd(() => {
    if (!isAnswered) forget();
  });
}

/** `Cache-Status` (RFC 9211). */
function tell(exchange: Exchange, what: string): void {
  exchange.addHeader('cache-status', `ebb; ${what}`);
}
