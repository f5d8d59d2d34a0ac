import { describe, expect, it } from '@jest/globals';
import { deferred } from '@ebb/core';
import { Lane } from './lane.ts';

describe('a lane', () => {
  it('does what came in the meantime together, in its order, as far as it can', async () => {
    const [begun, done] = [deferred(), deferred()];
    const worked: (readonly number[])[] = [];
    const lane = new Lane<number>({
      goTogether: (waiting) => Math.min(2, waiting.length),
      work: async (parts) => {
        worked.push(parts);
        if (parts.includes(1)) await begun.promise;
        if (parts.includes(4)) done.resolve();
      },
    });
    for (const part of [1, 2, 3, 4]) lane.add(part);
    begun.resolve();
    await done.promise;
    expect(worked).toEqual([[1], [2, 3], [4]]);
  });

  it('does one where none go together', async () => {
    const done = deferred();
    const worked: (readonly string[])[] = [];
    const lane = new Lane<string>({
      goTogether: () => 0,
      work: (parts) => {
        worked.push(parts);
        if (worked.length === 2) done.resolve();
        return Promise.resolve();
      },
    });
    lane.add('a');
    lane.add('b');
    await done.promise;
    expect(worked).toEqual([['a'], ['b']]);
  });
});
