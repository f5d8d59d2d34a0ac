import { describe, expect, it } from '@jest/globals';
import type { CloudEvent } from '@ebb/events';
import fc from 'fast-check';
import { reorder } from './reorder.ts';

/** Events of keys, told apart by their ids, which grow. */
const eventsOf = (keys: readonly string[]): CloudEvent[] =>
  keys.map((partitionkey, nth) => ({ specversion: '1.0', id: String(nth), source: '/test', type: 't', partitionkey }));

const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
const idsOf = (order: readonly CloudEvent[]): string => order.map(({ id }) => id).join();
const keys = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 5 });

describe('the orders of events', () => {
  it('are all that keep the order of each key, each once', () => {
    fc.assert(
      fc.property(keys, (of) => {
        const orders = reorder(eventsOf(of));
        const ofKey = ['a', 'b', 'c'].map((key) => of.filter((each) => each === key).length);
        const expected = ofKey.reduce((left, count) => left / factorial(count), factorial(of.length));
        expect(new Set(orders.map(idsOf)).size).toBe(expected);
        expect(orders).toHaveLength(expected);
        for (const order of orders) {
          for (const key of ['a', 'b', 'c']) {
            const ids = order.filter(({ partitionkey }) => partitionkey === key).map(({ id }) => Number(id));
            expect(ids).toEqual([...ids].sort((a, b) => a - b));
          }
        }
      }),
    );
  });

  it('are all there are for a function that takes them unordered', () => {
    fc.assert(
      fc.property(keys, (of) => {
        const orders = reorder(eventsOf(of), { order: 'unordered' });
        expect(new Set(orders.map(idsOf)).size).toBe(factorial(of.length));
      }),
    );
  });

  it('begin with the given one, and are not more than asked for', () => {
    const events = eventsOf(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    expect(reorder(events)).toHaveLength(120);
    expect(reorder(events, { max: 3 })[0]).toEqual(events);
    expect(reorder(events, { max: 3 })).toHaveLength(3);
  });
});
