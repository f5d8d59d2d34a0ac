import type { Clock } from '@ebb/core';

const BATCHES_PER_SECOND = 5;
const MAX_BATCH = 100;

/** Keeps work at a rate: batch by batch, each after the time that the ones before it should have taken. */
export class Pace {
  /** How much to do at once. */
  readonly batch: number;
  readonly #perSecond: number;
  readonly #clock: Clock;
  readonly #startedAt: number;
  #done = 0;

  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.batch = Math.min(MAX_BATCH, Math.max(1, Math.floor(perSecond / BATCHES_PER_SECOND)));
  }

  /** Waits until it is time for the next batch. */
  async spent(amount: number): Promise<void> {
    this.#done += amount;
    const dueAt = this.#startedAt + (this.#done / this.#perSecond) * 1_000;
    const waitMs = dueAt - this.#clock.now();
    if (waitMs > 0) await this.#clock.sleep(waitMs);
  }
}
