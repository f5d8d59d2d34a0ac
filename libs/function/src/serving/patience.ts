import type { FunctionDefinition } from '../definition/function.ts';

/** A broker that waits longer holds up what stands behind the event in its partition. */
const MAX_MS = 60_000;

/**
 * The longest wait that a handler may ask of the broker, which takes no notice of Retry-After: it comes back at its own pace, and the attempts would be
 * spent before the time has come. For a longer one the event is parked until it is due.
 */
export function patienceOf({ retry: { attempts, backoff, delayMs } }: Pick<FunctionDefinition, 'retry'>): number {
  let totalMs = 0;
  for (let nth = 1; nth < attempts && totalMs < MAX_MS; nth += 1) {
    totalMs += backoff === 'linear' ? delayMs * nth : delayMs * 2 ** nth;
  }
  return Math.min(totalMs, MAX_MS);
}
