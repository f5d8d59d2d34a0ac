import { describe, expect, it } from '@jest/globals';
import { deferred, systemClock, TimeoutError } from '@ebb/core';

import { Deadlines } from './deadline.ts';

/** Keeps the process going: deadlines alone do not. */
async function awaken<T>(work: Promise<T>): Promise<T> {
  const awake = setInterval(() => undefined, 1_000);
  try {
    return await work;
  } finally {
    clearInterval(awake);
  }
}

describe('a deadline', () => {
  it('does nothing to work that is done in time', async () => {
    const deadlines = new Deadlines('work', 10_000);
    expect(await deadlines.run(() => Promise.resolve(7))).toBe(7);
    await expect(deadlines.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(
      deadlines.run(() => {
        throw new Error('at once');
      }),
    ).rejects.toThrow('at once');
  });

  it('aborts the signal, and calls what follows from that a timeout', async () => {
    let reason: unknown;
    const work = new Deadlines('work', 5).run(({ signal }) => {
      signal.addEventListener('abort', () => {
        reason = signal.reason;
      });
      return systemClock.sleep(60_000, signal).catch(() => Promise.reject(new Error('AbortError or the like')));
    });
    await expect(awaken(work)).rejects.toThrow(TimeoutError);
    await expect(work).rejects.toThrow('work took longer than 5 ms');
    expect(reason).toBeInstanceOf(TimeoutError);
  });

  it('does not count work that ended after all', async () => {
    const work = new Deadlines('work', 5).run(({ signal }) =>
      systemClock.sleep(60_000, signal).catch(() => 'done anyway'),
    );
    await expect(awaken(work)).rejects.toThrow(TimeoutError);
  });

  it('leaves work behind that ignores the signal', async () => {
    const never = deferred();
    await expect(awaken(new Deadlines('work', 5, 5).run(() => never.promise))).rejects.toThrow(TimeoutError);
    never.reject(new Error('too late for anyone to care'));
  });

  it('gives a signal that is aborted already to work that asks too late', async () => {
    const work = new Deadlines('work', 5, 10_000).run(async (deadline) => {
      while (!deadline.missed) await systemClock.sleep(1);
      await systemClock.sleep(60_000, deadline.signal);
    });
    await expect(awaken(work)).rejects.toThrow(TimeoutError);
  });

  it('is kept for each of many, though they begin and end at any time', async () => {
    const deadlines = new Deadlines('work', 60, 5);
    const outcomes = await awaken(
      Promise.all(
        Array.from({ length: 60 }, async (_, nth) => {
          await systemClock.sleep(nth);
          const started = performance.now();
          const isQuick = nth % 3 > 0;
          const work = deadlines.run(({ signal }) => systemClock.sleep(isQuick ? 1 : 60_000, signal));
          const ended = await work.then(
            () => 'done',
            (error: unknown) => (error as Error).name,
          );
          return { ended, isQuick, tookMs: performance.now() - started };
        }),
      ),
    );
    for (const { ended, isQuick, tookMs } of outcomes) {
      expect(ended).toBe(isQuick ? 'done' : 'TimeoutError');
      if (!isQuick) expect(tookMs).toBeGreaterThan(58);
    }
  });
});
