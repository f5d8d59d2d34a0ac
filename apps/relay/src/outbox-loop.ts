import { messageOf, systemClock, type Logger } from '@ebb/core';
import { pendingShards, publishPending } from '@ebb/postgres';
import type { Pool } from 'pg';
import { Pause } from './pause.ts';
import type { Publisher } from './publisher.ts';
import type { TopicHealth } from './topic-health.ts';

export interface OutboxLoopOptions {
  readonly pool: Pool;
  readonly schema: string;
  readonly publish: Publisher;
  readonly health: TopicHealth;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly batchSize: number;
  readonly pollMinMs: number;
  readonly pollMaxMs: number;
  /** Called each time that the outbox could be read. */
  readonly onReached: () => void;
}

const FIRST_BACK_OFF_MS = 100;
const LONGEST_BACK_OFF_MS = 5_000;

/** Empties one outbox again and again: at once when it is told of a commit, else at a pace that follows how much comes. */
export class OutboxLoop {
  readonly schema: string;
  readonly #options: OutboxLoopOptions;
  readonly #pause = new Pause();

  constructor(options: OutboxLoopOptions) {
    this.#options = options;
    this.schema = options.schema;
  }

  /** Something was committed: do not wait for the next look. */
  wake(): void {
    this.#pause.end();
  }

  /** Runs until the signal is aborted. Outages are waited out: it never rejects. */
  async run(): Promise<void> {
    const { signal, pollMinMs, pollMaxMs, onReached } = this.#options;
    let waitMs = pollMinMs;
    let backOffMs = 0;
    while (!signal.aborted) {
      try {
        const published = await this.#round();
        onReached();
        if (backOffMs > 0) this.#recovered();
        backOffMs = 0;
        if (published === 0) await this.#pause.wait(waitMs, signal);
        waitMs = published > 0 ? pollMinMs : Math.min(waitMs * 2, pollMaxMs);
      } catch (error) {
        if (backOffMs === 0) this.#failed(error);
        backOffMs = backOffMs === 0 ? FIRST_BACK_OFF_MS : Math.min(backOffMs * 2, LONGEST_BACK_OFF_MS);
        // Not the pause: a notification must not turn an outage into a storm of attempts.
        await systemClock.sleep(backOffMs, signal).catch(() => undefined);
      }
    }
  }

  /** One batch of each lane that has something; returns how many events were published. */
  async #round(): Promise<number> {
    const { pool, schema, publish, health, batchSize } = this.#options;
    const skipTopics = health.paused();
    const shards = await pendingShards(pool, schema, skipTopics);
    const lanes = await Promise.allSettled(
      shards.map((shard) => publishPending(pool, { schema, shard, limit: batchSize, skipTopics, publish })),
    );
    return lanes.reduce((total, lane) => {
      if (lane.status === 'rejected') throw lane.reason;
      return total + lane.value;
    }, 0);
  }

  /** Said once per outage: it may last, and nothing is lost meanwhile. */
  #failed(error: unknown): void {
    const { logger, schema } = this.#options;
    logger.warn({ err: error, schema }, `the outbox of "${schema}" cannot be read, trying again: ${messageOf(error)}`);
  }

  #recovered(): void {
    const { logger, schema } = this.#options;
    logger.info({ schema }, `the outbox of "${schema}" can be read again`);
  }
}
