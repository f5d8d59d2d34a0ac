import type { HeldLease } from './lease.ts';

/** How often a lease is extended within its own length: two may be missed. */
const BEATS_PER_LEASE = 3;

/** Extends a lease while its holder is alive and at work. */
export class Heartbeat {
  readonly #lease: HeldLease;
  readonly #leaseMs: number;
  readonly #timer: NodeJS.Timeout;
  #extendedAt: number;
  #isExtending = false;

  /** `claimedAt` is a moment before the claim, by `performance.now()`: the lease runs out later than what is counted from there. */
  constructor(lease: HeldLease, leaseMs: number, claimedAt: number) {
    this.#lease = lease;
    this.#leaseMs = leaseMs;
    this.#extendedAt = claimedAt;
    this.#timer = setInterval(() => this.#beat(), leaseMs / BEATS_PER_LEASE);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A process that slept, or cannot reach PostgreSQL, finds out by its own clock that somebody else may be at work. */
  #beat(): void {
    if (performance.now() - this.#extendedAt >= this.#leaseMs) {
      this.stop();
      this.#lease.lose();
    } else if (!this.#isExtending) void this.#extend();
  }

  async #extend(): Promise<void> {
    this.#isExtending = true;
    const at = performance.now();
    try {
      await this.#lease.extend();
      this.#extendedAt = at;
    } catch {
      // A lease that was lost has aborted the holder's signal; that PostgreSQL does not answer may pass before the lease runs out.
    } finally {
      this.#isExtending = false;
    }
  }
}
