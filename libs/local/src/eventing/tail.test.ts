import { describe, expect, it } from '@jest/globals';
import type { TailEvent } from '../control/api.ts';
import { createTail, type TailEntry } from './tail.ts';

const entry = (id: number): TailEvent => ({
  kind: 'delivered',
  at: 0,
  trigger: 't',
  id: String(id),
  type: 'x',
  attempt: 1,
  durationMs: 0,
});
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the tail', () => {
  it('gives a listener one entry at a time, and tells a slow one how many it missed', async () => {
    const tail = createTail();
    const got: TailEntry[] = [];
    let release = (): void => undefined;
    tail.subscribe(
      (each) => {
        got.push(each);
        return new Promise<void>((resolve) => (release = resolve));
      },
      { capacity: 2 },
    );
    for (let n = 0; n < 6; n += 1) tail.publish(entry(n));
    await turn();
    expect(got).toEqual([entry(0)]);
    for (let n = 0; n < 4; n += 1) {
      release();
      await turn();
    }
    expect(got).toEqual([entry(0), { kind: 'dropped', count: 3 }, entry(4), entry(5)]);
  });

  it('goes on when a listener throws', async () => {
    const tail = createTail();
    const got: TailEntry[] = [];
    tail.subscribe(() => {
      throw new Error('gone');
    });
    tail.subscribe((each) => void got.push(each));
    tail.publish(entry(1));
    await turn();
    tail.publish(entry(2));
    await turn();
    expect(got).toHaveLength(2);
  });

  it('says when the first comes and the last goes', () => {
    const tail = createTail();
    const watched: boolean[] = [];
    tail.onWatched((now) => watched.push(now));
    const ends = [tail.subscribe(() => undefined), tail.subscribe(() => undefined)];
    for (const end of [...ends, ...ends]) end();
    expect(watched).toEqual([true, false]);
    expect(tail.watched).toBe(false);
  });
});
