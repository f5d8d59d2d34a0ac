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

  /** Resolves when it was tried, or soon: then it goes on in the background. */
  async giveBack(lease: HeldLease, error: Error, leaseMs: number): Promise<void> {
    const first = this.#try(lease, error);
    const given = this.#tryOn(first, lease, error, performance.now() + leaseMs);
    this.#under.add(given);
    void given.finally(() => this.#under.delete(given));
    const patience = new AbortController();
    await Promise.race([first, systemClock.sleep(AT_ONCE_MS, patience.signal).catch(() => undefined)]);
    patience.abort();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#under);
  }

  /** Never rejects. */
  async #tryOn(first: Promise<boolean>, lease: HeldLease, error: Error, until: number): Promise<void> {
    let isGiven = await first;
    while (!isGiven && !this.#closing.signal.aborted && performance.now() < until) {
      await systemClock.sleep(PAUSE_MS, this.#closing.signal).catch(() => undefined);
      isGiven = await this.#try(lease, error);
    }
  }

  #try(lease: HeldLease, error: Error): Promise<boolean> {
    return this.#connections.query(lease.fail(error, false)).then(
      () => true,
      () => false,
    );
  }
}
