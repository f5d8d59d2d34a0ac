import { describe, expect, it } from '@jest/globals';
import type { Broker, DeliverySpec, Trigger } from '../resources/resources.ts';
import { TRAPS } from '../traps.ts';
import { trapsOfTrigger, type TrapFinding } from './trigger-traps.ts';

const numbersOf = (findings: readonly TrapFinding[]): number[] => {
  for (const { trap } of findings) expect(TRAPS).toHaveProperty(String(trap));
  return findings.map(({ trap }) => trap);
};

describe('the traps of a Trigger', () => {
  const FULL: DeliverySpec = { retry: 1, backoffPolicy: 'linear', backoffDelay: 'PT1S' };
  const SINK = { uri: 'http://dead' };
  const trigger = (delivery?: DeliverySpec): Trigger => ({
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Trigger',
    metadata: { name: 't' },
    spec: { broker: 'b', subscriber: { uri: 'http://s' }, ...(delivery && { delivery }) },
  });
  const broker: Broker = {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Broker',
    metadata: { name: 'b' },
    spec: { delivery: { ...FULL, deadLetterSink: SINK } },
  };

  it.each<[DeliverySpec | undefined, number[]]>([
    [undefined, []],
    [{ ...FULL, deadLetterSink: SINK }, []],
    [FULL, [9]],
    [{ timeout: 'PT5S' }, [9, 19]],
    [{ retry: 3, deadLetterSink: SINK }, [19]],
    [{ ...FULL, deadLetterSink: SINK, format: 'json' }, [7]],
  ])('with the delivery %j are %j', (delivery, expected) => {
    expect(numbersOf(trapsOfTrigger(trigger(delivery), broker))).toEqual(expected);
  });

  it('do not include a sink that its broker lacks, too', () => {
    expect(numbersOf(trapsOfTrigger(trigger(FULL)))).toEqual([]);
  });
});
