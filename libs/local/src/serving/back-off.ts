const DELAYS_MS = [0, 500, 1_000, 2_000, 4_000, 8_000] as const;
const LONGEST_MS = 10_000;

/** A process that has been ready this long is healthy: what failed before no longer counts. */
export const HEALTHY_AFTER_MS = 10_000;

/** Paces the restarts of what keeps ending: at once, then 0.5 s, 1 s … 10 s later. */
export class BackOff {
  /** Failures in a row. */
  failures = 0;
  #failedAt = 0;
  #nextAt = 0;

  /**
   * Counts a failure. Several processes that were started together and fail together count once.
   * @param startedAt when the failed process was started, on the clock of performance.now()
   * @param weight how many failures it is worth
   */
  failed(startedAt: number, weight = 1): void {
    if (this.failures > 0 && startedAt < this.#failedAt) return;
    this.#failedAt = performance.now();
    this.failures += weight;
    this.#nextAt = this.#failedAt + (DELAYS_MS[this.failures - 1] ?? LONGEST_MS);
  }

  reset(): void {
    this.failures = 0;
    this.#nextAt = 0;
  }

  /** How long until the next start may be tried. */
  remainingMs(): number {
    return Math.max(0, this.#nextAt - performance.now());
  }
}
