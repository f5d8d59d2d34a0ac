import { deferred, orAborted, type Deferred } from '@ebb/core';

/**
 * Counts the deliveries of one Trigger that are under way.
 * The data plane stops polling at its limit but takes the whole of a poll, so one poll may pass the limit; the same happens
 * here (`limit - 1 + one poll`), because users tune their services against the cluster's concurrency.
 */
export interface InFlight {
  readonly count: number;
  enter(): void;
  leave(): void;
  /** Runs `poll` when the count is below the limit, one poll at a time. Rejects when `signal` is aborted first. */
  whenOpen(signal: AbortSignal, poll: () => Promise<void>): Promise<void>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

export function createInFlight(limit: number): InFlight {
  let count = 0;
  let changed: Deferred<void> = deferred();
  let turn: Promise<void> = Promise.resolve();

  const nextChange = (signal?: AbortSignal): Promise<void> => orAborted(changed.promise, signal);
  const whenBelowLimit = async (signal: AbortSignal, poll: () => Promise<void>): Promise<void> => {
    while (count >= limit) await nextChange(signal);
    signal.throwIfAborted();
    await poll();
  };

  return {
    get count() {
      return count;
    },
    enter: () => void (count += 1),
    leave() {
      count -= 1;
      changed.resolve();
      changed = deferred();
    },
    whenOpen(signal, poll) {
      const mine = turn.then(() => whenBelowLimit(signal, poll));
      turn = mine.catch(() => undefined);
      return mine;
    },
    async idle() {
      while (count > 0) await nextChange();
    },
  };
}
