import { TimeoutError } from '@ebb/core';

/** How long work that was told to stop may take to do so before it is left alone. */
const GRACE_MS = 250;

/**
 * Runs `run` with a signal that is aborted after `timeoutMs` (reason: TimeoutError). Work that ended after that counts
 * as failed, whatever it returned; work that ignores the signal is left behind after a short grace.
 * @throws TimeoutError
 */
export async function withDeadline<T>(
  what: string,
  timeoutMs: number,
  run: (signal: AbortSignal) => Promise<T>,
  graceMs = GRACE_MS,
): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  let grace: NodeJS.Timeout | undefined;
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const reason = new TimeoutError(`${what} took longer than ${timeoutMs} ms`);
      grace = setTimeout(() => reject(reason), graceMs);
      controller.abort(reason);
    }, timeoutMs);
  });
  try {
    const result = await Promise.race([run(signal), overdue]);
    signal.throwIfAborted();
    return result;
  } catch (error) {
    // What the work threw because it was told to stop (an AbortError, mostly) is only the echo of the timeout.
    throw signal.aborted ? signal.reason : error;
  } finally {
    clearTimeout(timer);
    clearTimeout(grace);
  }
}
