import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { silentLogger } from '@ebb/core';
import { Hearing } from './hearing.ts';

const never = new AbortController().signal;

describe('the hearing of a relay', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  const warnings = (): { lines: string[]; logger: typeof silentLogger } => {
    const lines: string[] = [];
    return { lines, logger: { ...silentLogger, warn: (line: unknown) => lines.push(String(line)) } };
  };

  it('is good when its own notification comes back, late or at once', async () => {
    const { lines, logger } = warnings();
    const hearing: Hearing = new Hearing({ logger, notify: (payload) => Promise.resolve(hearing.heard(payload)) });
    await hearing.test(never);
    expect([hearing.isDeaf, lines]).toEqual([false, []]);
  });

  it('is bad when nothing comes for a second, is said once, and may come back', async () => {
    const { lines, logger } = warnings();
    let comesThrough = false;
    const hearing: Hearing = new Hearing({
      logger,
      notify: (payload) => Promise.resolve(comesThrough && hearing.heard(payload)),
    });
    for (let nth = 0; nth < 2; nth += 1) {
      const tested = hearing.test(never);
      await jest.advanceTimersByTimeAsync(1_000);
      await tested;
      expect(hearing.isDeaf).toBe(true);
    }
    expect(lines).toEqual([expect.stringContaining('a pooler in transaction mode')]);
    comesThrough = true;
    await hearing.test(never);
    expect(hearing.isDeaf).toBe(false);
  });

  it('is not judged while PostgreSQL is away, nor when the relay stops', async () => {
    const { lines, logger } = warnings();
    const away = new Hearing({ logger, notify: () => Promise.reject(new Error('away')) });
    await away.test(never);
    const stopping = new AbortController();
    const silent = new Hearing({ logger, notify: () => Promise.resolve() });
    const tested = silent.test(stopping.signal);
    stopping.abort();
    await tested;
    expect([away.isDeaf, silent.isDeaf, lines]).toEqual([false, false, []]);
  });

  it('knows tests, those of other relays among them, from schemas', () => {
    const hearing = new Hearing({ logger: silentLogger, notify: () => Promise.resolve() });
    expect([hearing.heard('test:other'), hearing.heard('shop')]).toEqual([true, false]);
  });
});
