import type { Clock } from '@ebb/core';

/** Time that passes as soon as somebody waits for it. */
export function swiftClock(): Clock {
  let now = Date.parse('2026-01-01T00:00:00Z');
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        now += ms;
        setImmediate(() => (signal?.aborted ? reject(signal.reason as Error) : resolve()));
      }),
  };
}
