/** A signal that is aborted after a time, or with another one. */
export interface Deadline {
  readonly signal: AbortSignal;
  readonly expired: boolean;
  /** Must be called when the work is over: a timer and a listener on a long-lived signal would pile up otherwise. */
  clear(): void;
}

/** AbortSignal.timeout and AbortSignal.any keep what they made alive as long as their sources: too long for one request. */
export function startDeadline(ms: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  let expired = false;
  const timer = setTimeout(() => {
    expired = true;
    controller.abort();
  }, ms);
  const onAbort = (): void => controller.abort(outer?.reason);
  if (outer?.aborted) onAbort();
  else outer?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    get expired() {
      return expired;
    },
    clear() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onAbort);
    },
  };
}
