import type { LimitRule } from './limit-rule.ts';
import type { Standing } from './limit-store.ts';

export interface Measured {
  readonly rule: LimitRule;
  readonly standing: Standing;
}

/** Of draft-ietf-httpapi-ratelimit-headers. */
export const QUOTA_EXCEEDED = 'https://iana.org/assignments/http-problem-types#quota-exceeded';

export function isExceeded({ rule, standing }: Measured): boolean {
  return standing.used > rule.requests;
}

/** `RateLimit-Policy`: what holds, the same in every answer. */
export function policyField(measured: readonly Measured[]): string {
  return measured
    .map(({ rule: { name, requests, windowMs } }) => `"${name}";q=${requests};w=${Math.ceil(windowMs / 1_000)}`)
    .join(', ');
}

/** `RateLimit`: what is left. */
export function limitField(measured: readonly Measured[]): string {
  return measured
    .map(({ rule, standing }) => {
      const left = Math.max(0, rule.requests - standing.used);
      return `"${rule.name}";r=${left};t=${secondsUntil(standing)}`;
    })
    .join(', ');
}

/** Rounded up, so that whoever waits that long is let in. */
export function secondsUntil({ resetsInMs }: Standing): number {
  return Math.max(1, Math.ceil(resetsInMs / 1_000));
}
