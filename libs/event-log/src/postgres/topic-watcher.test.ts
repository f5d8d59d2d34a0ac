import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '@ebb/core';
import { TopicWatcher } from './topic-watcher.ts';

const never = new AbortController().signal;
const watching = () => {
  const state = { end: 0n, fails: false, hint: () => undefined as unknown, looks: 0 };
  const watcher = new TopicWatcher({
    topic: 't',
    logger: silentLogger,
    endOffsets: () => {
      state.looks += 1;
      return state.fails ? Promise.reject(new Error('down')) : Promise.resolve(new Map([[0, state.end]]));
    },
    onHint: (hint) => {
      state.hint = hint;
      return () => undefined;
    },
  });
  return { state, watcher };
};

describe('a topic watcher', () => {
  it('sees growth without any hint, also after the log failed', async () => {
    const { state, watcher } = watching();
    state.fails = true;
    const grown = watcher.beyond(0, 0n, never);
    await expect(watcher.refresh()).rejects.toThrow('down');
    state.end = 1n;
    state.fails = false;
    await grown;
    expect(watcher.ends).toEqual(new Map([[0, 1n]]));
    watcher.stop();
  });

  it('looks at once when it is hinted, and no more when it was stopped', async () => {
    const { state, watcher } = watching();
    const grown = watcher.beyond(0, 0n, never);
    await watcher.refresh();
    state.end = 1n;
    const started = Date.now();
    state.hint();
    await grown;
    expect(Date.now() - started).toBeLessThan(1_000);
    watcher.stop();
    const { looks } = state;
    state.hint();
    await new Promise((resolve) => setImmediate(resolve));
    expect(state.looks).toBe(looks);
  });
});
