import type { AnswerHead, BodyTap } from '../pipeline/answer.ts';
import type { GatewayRoute, RouteCache } from '../routing/gateway-route.ts';
import type { AnswerCache } from './answer-cache.ts';
import type { Asked } from './asked.ts';
import { collect } from './collect.ts';
import type { Flight, Landing } from './flights.ts';
import { isShared } from './is-shared.ts';
import { keptAnswer } from './kept-answer.ts';
import { lifetimeMs } from './storable.ts';
import { tagsOf } from './tags.ts';

const FIRST_FAILURE_STATUS = 500;

/** Lets the request go to the service, and keeps the answer. */
export function launch(cache: AnswerCache, asked: Asked): void {
  const { exchange, rule, key } = asked;
  // What is answered to a HEAD has no body to keep; and of an exchange that is over already nobody would hear the end.
  if (exchange.method !== 'GET' || exchange.signal.aborted) return;
  const flight = cache.flights.begin(key, tagsOf(exchange, rule));
  const land = (landing: Landing): void => cache.flights.land(key, flight, landing);
  exchange.onAnswer((head) => {
    const forMs = lifetimeMs(head, rule, isShared(exchange.route), cache.clock.now());
    if (forMs > 0) {
      advise(head, exchange.route, rule);
      return keep(cache, key, flight, head, forMs, land);
    }
    // A service that is unwell now may be well in a moment.
    if (head.status < FIRST_FAILURE_STATUS) cache.setUnstorable(key);
    land('unstorable');
    return undefined;
  });
  exchange.onEnd(() => land('lost'));
}

function keep(
  cache: AnswerCache,
  key: string,
  flight: Flight,
  { status, headers }: AnswerHead,
  forMs: number,
  land: (landing: Landing) => void,
): BodyTap {
  // Whoever looks at the head after this may change it, for this client.
  const head = { status, headers: { ...headers } };
  return collect(cache, head, (body) => {
    if (body === 'too-large') cache.setUnstorable(key);
    if (!Buffer.isBuffer(body)) {
      land(body === 'too-large' ? 'unstorable' : 'lost');
      return;
    }
    const kept = keptAnswer({ head, body, tags: flight.tags, nowMs: cache.clock.now(), lifetimeMs: forMs });
    if (!flight.isStale) cache.store.set(key, kept);
    land(kept);
  });
}

/** What clients and caches on the way may do, where the service did not say. What events take back must be asked for each time. */
function advise(head: AnswerHead, route: GatewayRoute, { maxAgeMs, invalidatedBy }: RouteCache): void {
  if (head.headers.expires !== undefined) return;
  const howLong = invalidatedBy.length > 0 ? 'no-cache' : `max-age=${Math.floor(maxAgeMs / 1_000)}`;
  head.headers['cache-control'] ??= `${isShared(route) ? 'public' : 'private'}, ${howLong}`;
}
