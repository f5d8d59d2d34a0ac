import { systemClock } from '@ebb/core';
import type { Connections } from '../connections.ts';
import type { HeldLease } from './lease.ts';

/** How long whoever waits for the delivery's answer waits for this, too. */
const AT_ONCE_MS = 250;
const PAUSE_MS = 500;

/**
 * Gives leases back whose holder lost PostgreSQL while it was at work. That must neither count as an attempt, as a takeover does, nor keep the event
 * waiting until the lease has run out; so it is tried until then.
 */
export class GivingBack {
  readonly #connections: Connections;
  readonly #closing = new AbortController();
  readonly #under = new Set<Promise<void>>();

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** Resolves when it is done, or soon: then it goes on in the background. */
  async giveBack(lease: HeldLease, error: Error, leaseMs: number): Promise<void> {
    const given = this.#try(lease, error, performance.now() + leaseMs);
    this.#under.add(given);
    void given.finally(() => this.#under.delete(given));
    const patience = new AbortController();
    await Promise.race([given, systemClock.sleep(AT_ONCE_MS, patience.signal).catch(() => undefined)]);
    patience.abort();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#under);
  }

  /** Never rejects. */
  async #try(lease: HeldLease, error: Error, until: number): Promise<void> {
    while (!this.#closing.signal.aborted && performance.now() < until) {
      try {
        await this.#connections.query(lease.fail(error, false));
        return;
      } catch {
        await systemClock.sleep(PAUSE_MS, this.#closing.signal).catch(() => undefined);
      }
    }
  }
}
