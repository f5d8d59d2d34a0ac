import { describe, expect, it } from '@jest/globals';
import { deferred } from '@ebb/core';

import { Limiter, OverloadedError } from './limiter.ts';

describe('a limiter', () => {
  it('runs so many at once, and the others in the order in which they came', async () => {
    const limiter = new Limiter(2);
    const gates = Array.from({ length: 5 }, () => deferred());
    const started: number[] = [];
    const all = gates.map((gate, nth) =>
      limiter.run(() => {
        started.push(nth);
        return gate.promise;
      }),
    );
    await Promise.resolve();
    expect(started).toEqual([0, 1]);
    for (const gate of gates) gate.resolve();
    await Promise.all(all);
    expect(started).toEqual([0, 1, 2, 3, 4]);
    expect(limiter.running).toBe(0);
  });

  it('refuses what exceeds the queue, and takes more once there is room', async () => {
    const limiter = new Limiter(1, 1);
    const gate = deferred();
    const running = limiter.run(() => gate.promise);
    const queued = limiter.run(() => Promise.resolve('late'));
    await expect(limiter.run(() => Promise.resolve())).rejects.toThrow(OverloadedError);
    gate.resolve();
    await running;
    expect(await queued).toBe('late');
    expect(await limiter.run(() => Promise.resolve('free'))).toBe('free');
  });

  it('frees the slot of what failed', async () => {
    const limiter = new Limiter(1);
    await expect(limiter.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(limiter.running).toBe(0);
  });

  it('lets go of a waiter whose signal is aborted', async () => {
    const limiter = new Limiter(1, 1);
    const gate = deferred();
    const running = limiter.run(() => gate.promise);
    const controller = new AbortController();
    const waiting = limiter.run(() => Promise.resolve(), controller.signal);
    controller.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    const next = limiter.run(() => Promise.resolve('next'));
    gate.resolve();
    await running;
    expect(await next).toBe('next');
  });
});
