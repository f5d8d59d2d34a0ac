import { systemClock } from '@ebb/core';

/** Waits `ms` of real time. Rejects with the signal's reason when it is aborted first. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return systemClock.sleep(ms, signal);
}
