import { describe, expect, it } from '@jest/globals';
import { deferred } from '@ebb/core';
import { Places } from './places.ts';

const never = new AbortController().signal;
const patient = { maxWaiting: 10, patienceMs: 60_000 };

describe('places', () => {
  it('are taken by so many at a time, in the order in which they came', async () => {
    const places = new Places(2, patient);
    const gates = Array.from({ length: 5 }, () => deferred());
    const begun: number[] = [];
    const all = gates.map((gate, at) =>
      places.run(async () => {
        begun.push(at);
        await gate.promise;
        return at;
      }, never),
    );
    const began: number[][] = [];
    for (const gate of gates) {
      await new Promise(setImmediate);
      began.push([...begun]);
      gate.resolve();
    }
    expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4]);
    expect(began).toEqual([
      [0, 1],
      [0, 1, 2],
      [0, 1, 2, 3],
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3, 4],
    ]);
  });

  it('are given back when the work fails', async () => {
    const places = new Places(1, { maxWaiting: 1, patienceMs: 60_000 });
    await expect(places.run(() => Promise.reject(new Error('no')), never)).rejects.toThrow('no');
    await expect(places.run(() => Promise.resolve('yes'), never)).resolves.toBe('yes');
  });

  it('refuse those for whom there is no room even to wait', async () => {
    const places = new Places(1, { maxWaiting: 1, patienceMs: 60_000 });
    const gate = deferred();
    const [first, second] = [places.run(() => gate.promise, never), places.run(() => gate.promise, never)];
    await expect(places.run(() => Promise.resolve(), never)).rejects.toMatchObject({ problem: { status: 503 } });
    gate.resolve();
    await Promise.all([first, second]);
  });

  it('are not waited for longer than anybody wants to', async () => {
    const places = new Places(1, { maxWaiting: 10, patienceMs: 1 });
    const gate = deferred();
    const first = places.run(() => gate.promise, never);
    await expect(places.run(() => Promise.resolve(), never)).rejects.toMatchObject({ problem: { status: 503 } });
    gate.resolve();
    await first;
    await expect(places.run(() => Promise.resolve('ran'), never)).resolves.toBe('ran');
  });

  it('are not kept for those who went away', async () => {
    const places = new Places(1, patient);
    const gate = deferred();
    const first = places.run(() => gate.promise, never);
    const gone = new AbortController();
    const waiting = places.run(() => Promise.resolve('ran'), gone.signal);
    gone.abort(new Error('the client went away'));
    await expect(waiting).rejects.toThrow('went away');
    await expect(places.run(() => Promise.resolve(), gone.signal)).rejects.toThrow('went away');
    gate.resolve();
    await first;
    await expect(places.run(() => Promise.resolve('ran'), never)).resolves.toBe('ran');
  });
});
