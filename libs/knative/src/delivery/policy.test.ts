import { describe, expect, it } from '@jest/globals';
import type { Broker, DeliverySpec, Trigger } from '../resources/resources.ts';
import { backoffMs, deliveryPolicyOf, isRetryable } from './policy.ts';

const trigger = (delivery?: DeliverySpec): Trigger => ({
  apiVersion: 'eventing.knative.dev/v1',
  kind: 'Trigger',
  metadata: { name: 't' },
  spec: { broker: 'b', subscriber: { uri: 'http://s' }, ...(delivery && { delivery }) },
});
const broker = (delivery?: DeliverySpec): Broker => ({
  apiVersion: 'eventing.knative.dev/v1',
  kind: 'Broker',
  metadata: { name: 'b' },
  spec: { ...(delivery && { delivery }) },
});
const DEFAULTS = { retry: 10, backoffPolicy: 'exponential', backoffDelayMs: 200, timeoutMs: 600_000 };
const SINK = { uri: 'http://dead' };

describe('the delivery policy', () => {
  it("is Knative's where nobody says anything", () => {
    expect(deliveryPolicyOf(trigger())).toEqual(DEFAULTS);
    expect(deliveryPolicyOf(trigger(), broker())).toEqual(DEFAULTS);
  });

  it("is the broker's where the trigger says nothing", () => {
    const delivery = { retry: 2, backoffPolicy: 'linear', backoffDelay: 'PT1S', deadLetterSink: SINK } as const;
    expect(deliveryPolicyOf(trigger(), broker(delivery))).toEqual({
      retry: 2,
      backoffPolicy: 'linear',
      backoffDelayMs: 1_000,
      timeoutMs: 600_000,
      deadLetterSink: SINK,
    });
  });

  it.each<[DeliverySpec, object]>([
    [{ timeout: 'PT5S' }, { retry: 0, timeoutMs: 5_000 }],
    [{ retry: 3 }, { retry: 3, backoffPolicy: 'exponential', backoffDelayMs: 200 }],
    [{}, { retry: 0 }],
  ])("is the trigger's as a whole, nothing merged: %j", (delivery, expected) => {
    const policy = deliveryPolicyOf(
      trigger(delivery),
      broker({ retry: 9, backoffDelay: 'PT9S', deadLetterSink: SINK }),
    );
    expect(policy).toMatchObject(expected);
    expect(policy).not.toHaveProperty('deadLetterSink');
  });
});

describe('the wait before a retry', () => {
  it.each([
    ['linear', [500, 1_000, 1_500, 2_000]],
    ['exponential', [1_000, 2_000, 4_000, 8_000]],
  ] as const)('is %s, with 0.5 s', (backoffPolicy, waits) => {
    const policy = { backoffPolicy, backoffDelayMs: 500 };
    expect([1, 2, 3, 4].map((n) => backoffMs(policy, n))).toEqual(waits);
  });

  it('is never more than a timer holds', () => {
    expect(backoffMs({ backoffPolicy: 'exponential', backoffDelayMs: 60_000 }, 100)).toBe(2 ** 31 - 1);
  });
});

describe('an answer', () => {
  it.each([404, 408, 409, 429, 500, 502, 503, 504, 599, 'network', undefined] as const)('%s is retried', (status) => {
    expect(isRetryable(status)).toBe(true);
  });

  it.each([300, 302, 303, 400, 401, 403, 405, 410, 413, 415, 422])('%d is final', (status) => {
    expect(isRetryable(status)).toBe(false);
  });
});
