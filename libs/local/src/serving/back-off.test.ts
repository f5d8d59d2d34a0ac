import { describe, expect, it, jest } from '@jest/globals';
import { BackOff } from './back-off.ts';

describe('BackOff', () => {
  it('tries again at once, then ever later, up to ten seconds', () => {
    jest.useFakeTimers({ now: 1_000_000 });
    try {
      const backOff = new BackOff();
      const delays = Array.from({ length: 8 }, () => {
        jest.advanceTimersByTime(1);
        backOff.failed(performance.now());
        return Math.round(backOff.remainingMs());
      });
      expect(delays).toEqual([0, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
      backOff.reset();
      expect([backOff.failures, backOff.remainingMs()]).toEqual([0, 0]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('counts processes that were started together and failed together once', () => {
    const backOff = new BackOff();
    const startedAt = performance.now() - 50;
    for (let process = 0; process < 5; process += 1) backOff.failed(startedAt);
    expect(backOff.failures).toBe(1);
  });
});
