import { describe, expect, it } from '@jest/globals';
import { Pause } from './pause.ts';

const LONG_MS = 600_000;
const never = new AbortController().signal;

describe('a pause', () => {
  it('ends when it is ended, also by what came while nobody waited', async () => {
    const pause = new Pause();
    pause.end();
    await pause.wait(LONG_MS, never);
    const waiting = pause.wait(LONG_MS, never);
    pause.end();
    await waiting;
  });

  it('ends by itself, once for each end', async () => {
    const pause = new Pause();
    pause.end();
    await pause.wait(LONG_MS, never);
    const from = performance.now();
    await pause.wait(20, never);
    expect(performance.now() - from).toBeGreaterThan(15);
  });

  it('ends when the signal is aborted', async () => {
    const [pause, stopping] = [new Pause(), new AbortController()];
    const waiting = pause.wait(LONG_MS, stopping.signal);
    stopping.abort();
    await waiting;
    await pause.wait(LONG_MS, stopping.signal);
  });
});
