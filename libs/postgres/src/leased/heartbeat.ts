import type { HeldLease } from './lease.ts';

/** How often a lease is extended within its own length: two may be missed. */
const BEATS_PER_LEASE = 3;

/** Extends a lease while its holder is alive and at work. */
export class Heartbeat {
  readonly #timer: NodeJS.Timeout;

  constructor(lease: HeldLease, leaseMs: number) {
    this.#timer = setInterval(() => {
      // A lease that was lost aborts the holder's signal; that PostgreSQL does not answer may pass before the lease runs out.
      lease.extend().catch(() => undefined);
    }, leaseMs / BEATS_PER_LEASE);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
