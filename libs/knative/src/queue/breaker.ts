const QUEUE_FACTOR = 10;

/** What one process's queue proxy takes: so many requests at a time, and ten times as many waiting. */
export interface BreakerLimits {
  readonly running: number;
  readonly waiting: number;
}

export function breakerLimits(containerConcurrency: number): BreakerLimits {
  if (containerConcurrency === 0) return { running: Infinity, waiting: Infinity };
  return { running: containerConcurrency, waiting: containerConcurrency * QUEUE_FACTOR };
}

/** `refuse` is a 503. */
export type Admission = 'run' | 'wait' | 'refuse';

/**
 * What becomes of a request that arrives. Only past the activator is there a limit to how many wait: in its path (which is the
 * rule with the default burst capacity) requests queue until their timeout, and end with 504.
 */
export function admit(
  containerConcurrency: number,
  now: BreakerLimits & { readonly isActivatorInPath: boolean },
): Admission {
  const limits = breakerLimits(containerConcurrency);
  if (now.running < limits.running) return 'run';
  return now.isActivatorInPath || now.waiting < limits.waiting ? 'wait' : 'refuse';
}
