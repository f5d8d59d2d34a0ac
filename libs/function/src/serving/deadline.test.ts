import { describe, expect, it } from '@jest/globals';
import { deferred, systemClock, TimeoutError } from '@ebb/core';

import { withDeadline } from './deadline.ts';

describe('a deadline', () => {
  it('does nothing to work that is done in time', async () => {
    expect(await withDeadline('work', 10_000, () => Promise.resolve(7))).toBe(7);
    await expect(withDeadline('work', 10_000, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('aborts the signal, and calls what follows from that a timeout', async () => {
    let reason: unknown;
    const work = withDeadline('work', 5, (signal) => {
      signal.addEventListener('abort', () => {
        reason = signal.reason;
      });
      return systemClock.sleep(60_000, signal).catch(() => Promise.reject(new Error('AbortError or the like')));
    });
    await expect(work).rejects.toThrow(TimeoutError);
    await expect(work).rejects.toThrow('work took longer than 5 ms');
    expect(reason).toBeInstanceOf(TimeoutError);
  });

  it('does not count work that ended after all', async () => {
    const work = withDeadline('work', 5, (signal) => systemClock.sleep(60_000, signal).catch(() => 'done anyway'));
    await expect(work).rejects.toThrow(TimeoutError);
  });

  it('leaves work behind that ignores the signal', async () => {
    const never = deferred();
    await expect(withDeadline('work', 5, () => never.promise, 5)).rejects.toThrow(TimeoutError);
    never.reject(new Error('too late for anyone to care'));
  });
});
