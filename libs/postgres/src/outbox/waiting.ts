import type { Pool } from 'pg';
import { Identifier } from '../sql.ts';
import { timersOf } from '../timer/move-due-timers.ts';
import { outboxOf } from './publish-pending.ts';
import { SHARDS } from './shard.ts';

/** What a schema has for the relay to do. */
export interface Waiting {
  /** The lanes of the outbox that have something to publish now. */
  readonly shards: readonly number[];
  /** When the next timer is due, from now on; 0 or less: it is. */
  readonly timerInMs: number | undefined;
  /** The same of parked events that are to go on by themselves. */
  readonly parkedInMs: number | undefined;
}

/** Looks at all of it at once. One look per lane, however much waits in it; the clock is the database's, as it is for whatever is due. */
export async function waiting(pool: Pool, schema: string, skipTopics: readonly string[] = []): Promise<Waiting> {
  const { rows } = await pool.query<{
    shards: number[];
    timer_in_ms: number | null;
    parked_in_ms: number | null;
  }>({
    text: `SELECT ARRAY(
         SELECT lane FROM generate_series(0, $2::int - 1) lane CROSS JOIN LATERAL (
           SELECT FROM ${outboxOf(schema)}
           WHERE shard = lane AND published_at IS NULL AND put_aside IS NULL
             AND (available_at IS NULL OR available_at <= now()) AND topic <> ALL ($1)
           ORDER BY id LIMIT 1
         ) first ORDER BY lane
       ) AS shards,
       (SELECT extract(epoch FROM min(due_at) - now())::float8 * 1000 FROM ${timersOf(schema)}) AS timer_in_ms,
       (SELECT extract(epoch FROM min(available_at) - now())::float8 * 1000 FROM ${new Identifier(schema).text}.parked
        WHERE closed_at IS NULL AND redriven_at IS NULL AND available_at IS NOT NULL) AS parked_in_ms`,
    values: [skipTopics, SHARDS],
  });
  const [row] = rows;
  return {
    shards: row?.shards ?? [],
    timerInMs: row?.timer_in_ms ?? undefined,
    parkedInMs: row?.parked_in_ms ?? undefined,
  };
}
