/** Aborted with the first of two signals, for its reason. It lives as long as they do, as does what waits for it. */
export function eitherAborted(one: AbortSignal, other: AbortSignal): AbortSignal {
  const controller = new AbortController();
  for (const signal of [one, other]) {
    const abort = (): void => controller.abort(signal.reason);
    if (signal.aborted) abort();
    // Of no use once either was aborted, so that a lane that ended is not kept.
    else signal.addEventListener('abort', abort, { once: true, signal: controller.signal });
  }
  return controller.signal;
}
