import { describe, expect, it } from '@jest/globals';
import { patienceOf } from './patience.ts';

describe('the patience of a function', () => {
  it.each([
    ['exponential', 8, 200, 50_800],
    ['linear', 4, 100, 600],
    ['exponential', 1, 200, 0],
    ['exponential', 100, 600_000, 60_000],
  ] as const)(
    'is what its attempts take, at most a minute: %s, %i attempts from %i ms',
    (backoff, attempts, delayMs, ms) => {
      expect(patienceOf({ retry: { backoff, attempts, delayMs } })).toBe(ms);
    },
  );
});
