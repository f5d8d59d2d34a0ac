import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { balancePolicy, chooseInstance } from './balance.ts';
import { breakerLimits } from './breaker.ts';

describe('the queue proxy', () => {
  it('takes eleven times its concurrency', () => {
    expect(breakerLimits(7)).toEqual({ running: 7, waiting: 70 });
    expect(breakerLimits(0)).toEqual({ running: Infinity, waiting: Infinity });
  });
});

describe('the activator', () => {
  it.each([
    [0, 'random-choice-of-two'],
    [1, 'first-available'],
    [3, 'first-available'],
    [4, 'round-robin'],
  ])('with a containerConcurrency of %d takes %s', (cc, policy) => {
    expect(balancePolicy(cc)).toBe(policy);
  });

  it('takes the first with room while the limit is small', () => {
    expect(chooseInstance(2, [2, 1, 0])).toBe(1);
    expect(chooseInstance(2, [2, 2])).toBeUndefined();
  });

  it('goes round, past those without room', () => {
    expect(chooseInstance(5, [0, 0, 0], { last: 0 })).toBe(1);
    expect(chooseInstance(5, [0, 0, 0], { last: 2 })).toBe(0);
    expect(chooseInstance(5, [0, 5, 0], { last: 0 })).toBe(2);
    expect(chooseInstance(5, [5, 5], { last: 0 })).toBeUndefined();
    expect(chooseInstance(5, [])).toBeUndefined();
  });

  it('takes the better of two different ones by chance', () => {
    const draws = (...values: number[]) => ({ random: () => values.shift() ?? 0 });
    expect(chooseInstance(0, [5, 1, 3], draws(0, 0))).toBe(1);
    expect(chooseInstance(0, [5, 1, 3], draws(0, 0.9))).toBe(2);
    expect(chooseInstance(0, [1, 1], draws(0, 0))).toBe(0);
    expect(chooseInstance(0, [7])).toBe(0);
    expect(chooseInstance(0, [])).toBeUndefined();
  });

  it('never chooses the busiest of several without a limit', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(100), { minLength: 2 }), fc.nat(99), fc.nat(99), (loads, a, b) => {
        const draws = [a / 100, b / 100];
        const chosen = chooseInstance(0, loads, { random: () => draws.shift() ?? 0 });
        expect(loads[chosen ?? -1]).toBeLessThan(Math.max(...loads));
      }),
    );
  });
});
