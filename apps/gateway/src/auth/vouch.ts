import type { Clock } from '@ebb/core';
import { IDENTITY_HEADER, IDENTITY_LIFETIME_S, signIdentity, type IdentityKey } from '@ebb/function/identity';
import { isShared } from '../cache/is-shared.ts';
import type { Caller, Policy } from '../pipeline/exchange.ts';

/** So much of its life an identity must have before it when it leaves: a service may have to wake to read it. */
const LEAST_LEFT_MS = 30_000;

interface Vouched {
  readonly identity: string;
  readonly untilMs: number;
}

/**
 * Tells the service who calls, in a header that it can verify, and that a client cannot bring along.
 * One identity serves all requests with the same token for half its life; it is forgotten together with the token.
 */
export function vouchPolicy(key: IdentityKey, clock: Clock): Policy {
  const known = new WeakMap<Caller, Map<string, Vouched>>();
  const identityOf = (caller: Caller, service: string): string => {
    const byService = known.get(caller) ?? new Map<string, Vouched>();
    known.set(caller, byService);
    const now = clock.now();
    const vouched = byService.get(service);
    if (vouched && vouched.untilMs > now) return vouched.identity;
    const identity = signIdentity(key, caller, service, now);
    byService.set(service, { identity, untilMs: now + IDENTITY_LIFETIME_S * 1_000 - LEAST_LEFT_MS });
    return identity;
  };
  return (exchange) => {
    const { route, caller } = exchange;
    const service = route.upstream?.service;
    // An answer that is kept for everyone must not depend on who asked first.
    const isTold = caller !== undefined && service !== undefined && !isShared(route);
    exchange.forward(IDENTITY_HEADER, isTold ? identityOf(caller, service) : undefined);
    return undefined;
  };
}
