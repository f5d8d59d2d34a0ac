import { describe, expect, it } from '@jest/globals';
import { createInFlight } from './in-flight.ts';

const never = new AbortController().signal;

describe('the count of deliveries in flight', () => {
  it('lets a poll pass the limit once, and waits from then on', async () => {
    const inFlight = createInFlight(2);
    const polls: number[] = [];
    const poll = (size: number) => () => {
      polls.push(size);
      for (let n = 0; n < size; n += 1) inFlight.enter();
      return Promise.resolve();
    };
    await inFlight.whenOpen(never, poll(1));
    await inFlight.whenOpen(never, poll(3));
    expect(inFlight.count).toBe(4);
    const waiting = inFlight.whenOpen(never, poll(1));
    for (const expected of [
      [1, 3],
      [1, 3],
      [1, 3, 1],
    ]) {
      inFlight.leave();
      await new Promise((resolve) => setImmediate(resolve));
      expect(polls).toEqual(expected);
    }
    await waiting;
  });

  it('lets those go who stop waiting, and those behind them go on', async () => {
    const inFlight = createInFlight(1);
    inFlight.enter();
    const first = new AbortController();
    const given = inFlight.whenOpen(first.signal, () => Promise.reject(new Error('must not poll')));
    const next = inFlight.whenOpen(never, () => Promise.resolve());
    first.abort(new Error('stop'));
    await expect(given).rejects.toThrow('stop');
    inFlight.leave();
    await next;
  });

  it('goes on after a poll that failed', async () => {
    const inFlight = createInFlight(1);
    await expect(inFlight.whenOpen(never, () => Promise.reject(new Error('log')))).rejects.toThrow('log');
    await inFlight.whenOpen(never, () => Promise.resolve());
  });

  it('is idle when all have left', async () => {
    const inFlight = createInFlight(1);
    inFlight.enter();
    inFlight.enter();
    let idle = false;
    const waiting = inFlight.idle().then(() => (idle = true));
    inFlight.leave();
    await new Promise((resolve) => setImmediate(resolve));
    expect(idle).toBe(false);
    inFlight.leave();
    await waiting;
  });
});
