import { createHash } from 'node:crypto';
import { messageOf, TimeoutError, type Clock, type Logger } from '@ebb/core';
import { LRUCache } from 'lru-cache';
import type { LimitStore, Standing, Taking } from './limit-store.ts';
import { takeInPostgres, type SqlOf } from './take-in-postgres.ts';

export interface PostgresStoreOptions {
  readonly db: SqlOf;
  /** Counts while PostgreSQL is away. */
  readonly insurance: LimitStore;
  readonly maxKeys: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A request does not wait longer for its count. */
const PATIENCE_MS = 250;
/** How long nobody asks a PostgreSQL that did not answer. */
const AWAY_MS = 5_000;

/**
 * Counts in PostgreSQL, so that all replicas count together. While it is away each counts for itself: a limit that is too wide is better than
 * an API that is down. Whoever is past a limit is remembered here: a flood must not become one of statements.
 */
export class PostgresStore implements LimitStore {
  readonly #options: PostgresStoreOptions;
  readonly #exceeded: LRUCache<string, number>;
  #awayUntilMs = -Infinity;
  #wasAway = false;

  constructor(options: PostgresStoreOptions) {
    this.#options = options;
    this.#exceeded = new LRUCache({ max: options.maxKeys });
  }

  take(takings: readonly Taking[]): readonly Standing[] | Promise<readonly Standing[]> {
    const now = this.#options.clock.now();
    if (takings.some(({ key }) => (this.#exceeded.get(key) ?? 0) > now)) {
      return takings.map((taking) => this.#remembered(taking, now));
    }
    if (now < this.#awayUntilMs) return this.#options.insurance.take(takings);
    // One request finds out whether it is back, the others need not wait.
    if (this.#wasAway) this.#awayUntilMs = now + AWAY_MS;
    return this.#takeThere(takings);
  }

  async #takeThere(takings: readonly Taking[]): Promise<readonly Standing[]> {
    const { db, insurance, clock, logger } = this.#options;
    try {
      const standings = await inTime(takeInPostgres(db, takings.map(hashed)));
      if (this.#wasAway) logger.info('limits are counted in PostgreSQL again');
      this.#wasAway = false;
      this.#awayUntilMs = -Infinity;
      this.#remember(takings, standings);
      return standings;
    } catch (error) {
      this.#awayUntilMs = clock.now() + AWAY_MS;
      if (!this.#wasAway) {
        logger.warn({ err: error }, `limits are counted in this process alone for now: ${messageOf(error)}`);
      }
      this.#wasAway = true;
      return insurance.take(takings);
    }
  }

  #remember(takings: readonly Taking[], standings: readonly Standing[]): void {
    const now = this.#options.clock.now();
    takings.forEach(({ key, requests }, index) => {
      const standing = standings[index];
      if (standing && standing.used > requests) this.#exceeded.set(key, now + standing.resetsInMs);
    });
  }

  /** What is not past its limit does not count: the request is refused for another. */
  #remembered({ key, requests, windowMs }: Taking, now: number): Standing {
    const untilMs = this.#exceeded.get(key) ?? 0;
    return untilMs > now ? { used: requests + 1, resetsInMs: untilMs - now } : { used: requests, resetsInMs: windowMs };
  }
}

function hashed({ key, requests, windowMs }: Taking) {
  return { key: createHash('sha256').update(key).digest(), requests, windowMs };
}

async function inTime<T>(asked: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
