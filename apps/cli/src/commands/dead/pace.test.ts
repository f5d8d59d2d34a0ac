import { describe, expect, it } from '@jest/globals';
import { Pace } from './pace.ts';

describe('a pace', () => {
  it.each([1, 20, 300])('takes as long as the rate says, however fast the work is: %i per second', async (rate) => {
    let nowMs = 1_000;
    const pace = new Pace(rate, {
      now: () => nowMs,
      sleep: (ms) => {
        nowMs += ms;
        return Promise.resolve();
      },
    });
    let done = 0;
    while (done < rate * 3) {
      done += pace.batch;
      await pace.spent(pace.batch);
    }
    expect(nowMs - 1_000).toBeCloseTo((done / rate) * 1_000, 3);
  });
});
