const QUEUE_FACTOR = 10;

/**
 * What one process's queue proxy takes: so many requests at a time, and ten times as many waiting; more are refused with 503. Only
 * past the activator: in its path (which is the rule with the default burst capacity) requests queue until their timeout.
 */
export interface BreakerLimits {
  readonly running: number;
  readonly waiting: number;
}

export function breakerLimits(containerConcurrency: number): BreakerLimits {
  if (containerConcurrency === 0) return { running: Infinity, waiting: Infinity };
  return { running: containerConcurrency, waiting: containerConcurrency * QUEUE_FACTOR };
}
