import { durationMs } from '@ebb/core';
import type { Broker, DeliverySpec, Destination, Trigger } from '../resources/resources.ts';

/** How a Trigger delivers, with every default filled in. */
export interface DeliveryPolicy {
  /** Attempts after the first. */
  readonly retry: number;
  readonly backoffPolicy: 'linear' | 'exponential';
  readonly backoffDelayMs: number;
  /** Of one request. */
  readonly timeoutMs: number;
  readonly deadLetterSink?: Destination;
}

/** What a Broker without a `delivery` gives its Triggers. */
export const DEFAULT_DELIVERY = {
  retry: 10,
  backoffPolicy: 'exponential',
  backoffDelay: 'PT0.2S',
  timeout: 'PT600S',
} as const;
const DEFAULT_BACKOFF_DELAY_MS = 200;
const DEFAULT_TIMEOUT_MS = 600_000;

/**
 * The policy in force. A Trigger's own `delivery` replaces its Broker's as a whole: what it leaves out is not filled in from there.
 * A block without `retry` does not retry, and one without a back-off has the exponential one from 0.2 s.
 */
export function deliveryPolicyOf(trigger: Trigger, broker?: Broker): DeliveryPolicy {
  const spec: DeliverySpec = trigger.spec.delivery ?? broker?.spec.delivery ?? DEFAULT_DELIVERY;
  return {
    retry: spec.retry ?? 0,
    backoffPolicy: spec.backoffPolicy ?? 'exponential',
    backoffDelayMs: spec.backoffDelay === undefined ? DEFAULT_BACKOFF_DELAY_MS : durationMs(spec.backoffDelay),
    timeoutMs: spec.timeout === undefined ? DEFAULT_TIMEOUT_MS : durationMs(spec.timeout),
    ...(spec.deadLetterSink && { deadLetterSink: spec.deadLetterSink }),
  };
}

const MAX_BACKOFF_MS = 2 ** 31 - 1;

/**
 * The wait before the n-th retry (from 1), by the Kafka data plane's arithmetic: with a delay d, 1d, 2d, 3d or 2d, 4d, 8d. (The
 * reference broker counts from 0.) There is no jitter and no cap but what a timer can hold.
 */
export function backoffMs(
  { backoffPolicy, backoffDelayMs }: Pick<DeliveryPolicy, 'backoffPolicy' | 'backoffDelayMs'>,
  nthRetry: number,
): number {
  const wait = backoffPolicy === 'linear' ? backoffDelayMs * nthRetry : backoffDelayMs * 2 ** nthRetry;
  return Math.min(wait, MAX_BACKOFF_MS);
}

const RETRIED_STATUSES = new Set([404, 408, 409, 429]);

/** Whether an answer is worth another attempt; no answer at all ('network', or no status) always is. */
export function isRetryable(status: number | 'network' | undefined): boolean {
  return status === undefined || status === 'network' || status >= 500 || RETRIED_STATUSES.has(status);
}
