import { systemClock } from '@ebb/core';

export interface EventuallyOptions {
  /** Default 5000. */
  readonly timeoutMs?: number;
  /** The wait between two tries. Default 20. */
  readonly intervalMs?: number;
}

/** A check that is under way at the deadline may still come to its end. */
const GRACE_MS = 1_000;

/**
 * Tries a check until it holds: until it neither throws nor returns false or undefined; resolves to what it returned.
 * Instead of a fixed sleep, which is either too short on a busy machine or too long on every other.
 * @throws what the check threw last, or an Error when it only never held
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 5_000, intervalMs = 20 }: EventuallyOptions = {},
): Promise<Exclude<T, false | undefined>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const tried = await within(deadline, attempt(check));
    if ('value' in tried) return tried.value;
    if (Date.now() >= deadline) throw tried.error ?? new Error(`it did not come true within ${timeoutMs} ms`);
    await systemClock.sleep(intervalMs);
  }
}

type Attempt<T> = { readonly value: Exclude<T, false | undefined> } | { readonly error: Error | undefined };

async function attempt<T>(check: () => T | Promise<T>): Promise<Attempt<T>> {
  try {
    const value = await check();
    if (value === false || value === undefined) return { error: undefined };
    return { value: value as Exclude<T, false | undefined> };
  } catch (error) {
    return { error: error as Error };
  }
}

/** A check that hangs must not keep the test from ending: its time is over with the deadline. */
async function within<T>(deadline: number, attempted: Promise<Attempt<T>>): Promise<Attempt<T>> {
  const patience = new AbortController();
  const hung = systemClock.sleep(Math.max(0, deadline - Date.now()) + GRACE_MS, patience.signal).then(
    (): Attempt<T> => ({ error: new Error('the check itself did not come to an end in time') }),
    (): Attempt<T> => ({ error: undefined }),
  );
  try {
    return await Promise.race([attempted, hung]);
  } finally {
    patience.abort();
  }
}
