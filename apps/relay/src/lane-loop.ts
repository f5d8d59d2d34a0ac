import type { Logger } from '@ebb/core';
import { pendingShards, publishPending, type PublishOptions } from '@ebb/postgres';
import type { Pool } from 'pg';
import { Pause } from './pause.ts';

export interface LaneLoopOptions {
  readonly pool: Pool;
  readonly schema: string;
  readonly publish: PublishOptions['publish'];
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly batchSize: number;
  readonly pollMinMs: number;
  readonly pollMaxMs: number;
}

const LONGEST_BACK_OFF_MS = 5_000;

/** Empties one outbox again and again: at once when it is told of a commit, else at a pace that follows how much comes. */
export class LaneLoop {
  readonly schema: string;
  readonly #options: LaneLoopOptions;
  readonly #pause = new Pause();
  #failures = 0;

  constructor(options: LaneLoopOptions) {
    this.#options = options;
    this.schema = options.schema;
  }

  /** Something was committed: do not wait for the next look. */
  wake(): void {
    this.#pause.end();
  }

  async run(): Promise<void> {
    const { signal, pollMinMs, pollMaxMs } = this.#options;
    let waitMs = pollMinMs;
    while (!signal.aborted) {
      const published = await this.#round();
      if (published > 0) {
        waitMs = pollMinMs;
        continue;
      }
      // Failures back off; an idle outbox is looked at less and less often.
      await this.#pause.wait(Math.max(waitMs, this.#backOffMs()), signal);
      waitMs = Math.min(waitMs * 2, pollMaxMs);
    }
  }

  async #round(): Promise<number> {
    const { pool, schema, publish, batchSize, logger } = this.#options;
    try {
      const shards = await pendingShards(pool, schema);
      const counts = await Promise.all(
        shards.map((shard) => publishPending(pool, { schema, shard, limit: batchSize, publish })),
      );
      if (this.#failures > 0) logger.info({ schema }, 'publishing again');
      this.#failures = 0;
      return counts.reduce((sum, count) => sum + count, 0);
    } catch (error) {
      // Once per outage: it may last, and nothing is lost meanwhile.
      if (this.#failures === 0) logger.warn({ err: error, schema }, 'events wait in the outbox');
      this.#failures += 1;
      return 0;
    }
  }

  #backOffMs(): number {
    return this.#failures === 0 ? 0 : Math.min(100 * 2 ** this.#failures, LONGEST_BACK_OFF_MS);
  }
}
