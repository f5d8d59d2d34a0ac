import { messageOf, systemClock, type Logger } from '@ebb/core';
import { moveDueTimers, publishPending, sendDueParked, waiting, type Waiting } from '@ebb/postgres';
import type { Pool } from 'pg';
import { Pause } from './pause.ts';
import type { Publisher } from './publisher.ts';
import type { RelayMetrics } from './relay-metrics.ts';
import type { TopicHealth } from './topic-health.ts';

export interface OutboxLoopOptions {
  /** For short statements: a lane that waits for the log must not keep the loop from seeing what is due. */
  readonly pool: Pool;
  /** For lanes, which hold a connection while they publish. */
  readonly lanes: Pool;
  readonly schema: string;
  readonly publish: Publisher;
  readonly health: TopicHealth;
  readonly metrics: RelayMetrics;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly batchSize: number;
  readonly pollMinMs: number;
  /** The wait that an idle outbox comes to; it may change. */
  readonly pollMaxMs: () => number;
  readonly onReached: () => void;
  readonly onAway: (error: unknown) => void;
}

/** What one round came to. */
interface Round {
  /** Events that were moved or published. */
  readonly worked: number;
  /** When something is due. */
  readonly dueInMs?: number | undefined;
}

const MOVED_AT_ONCE = 500;

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
    const { signal, pollMinMs, pollMaxMs, health, onReached, onAway } = this.#options;
    let waitMs = pollMinMs;
    let backOffMs = 0;
    while (!signal.aborted) {
      try {
        // Neither pause is one that a notification ends: it must not turn an outage into a storm of attempts.
        await this.#sleep(health.awayMs());
        const { worked, dueInMs = Infinity } = await this.#round();
        onReached();
        if (backOffMs > 0) this.#recovered();
        backOffMs = 0;
        if (worked === 0) await this.#pause.wait(Math.min(waitMs, Math.ceil(dueInMs)), signal);
        waitMs = worked > 0 ? pollMinMs : Math.min(waitMs * 2, pollMaxMs());
      } catch (error) {
        onAway(error);
        if (backOffMs === 0) this.#failed(error);
        backOffMs = backOffMs === 0 ? FIRST_BACK_OFF_MS : Math.min(backOffMs * 2, LONGEST_BACK_OFF_MS);
        await this.#sleep(backOffMs);
      }
    }
  }

  /** Whatever is due, and one batch of each lane that has something. */
  async #round(): Promise<Round> {
    const { pool, schema, health } = this.#options;
    const skipTopics = health.paused();
    const found = await waiting(pool, schema, skipTopics);
    const moved = await this.#moveDue(found);
    const published = await this.#publish(found.shards, skipTopics);
    const due = [found.timerInMs, found.parkedInMs].filter((inMs) => inMs !== undefined && inMs > 0);
    return { worked: moved + published, ...(due.length > 0 && { dueInMs: Math.min(...(due as number[])) }) };
  }

  async #moveDue({ timerInMs = Infinity, parkedInMs = Infinity }: Waiting): Promise<number> {
    const { pool, schema, metrics } = this.#options;
    const timers = timerInMs <= 0 ? await moveDueTimers(pool, schema, MOVED_AT_ONCE) : 0;
    const parked = parkedInMs <= 0 ? await sendDueParked(pool, schema) : 0;
    metrics.due(schema, 'timer', timers);
    metrics.due(schema, 'parked', parked);
    return timers + parked;
  }

  async #publish(shards: readonly number[], skipTopics: readonly string[]): Promise<number> {
    const { lanes, schema, publish, batchSize: limit } = this.#options;
    const batches = await Promise.allSettled(
      shards.map((shard) => publishPending(lanes, { schema, shard, limit, skipTopics, publish })),
    );
    return batches.reduce((total, batch) => {
      if (batch.status === 'rejected') throw batch.reason;
      return total + batch.value;
    }, 0);
  }

  async #sleep(ms: number): Promise<void> {
    if (ms > 0) await systemClock.sleep(ms, this.#options.signal).catch(() => undefined);
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
