import type { Pool } from 'pg';
import { timersOf } from '../timer/move-due-timers.ts';
import { outboxOf } from './publish-pending.ts';
import { SHARDS } from './shard.ts';

/** What waits in a schema to be published. */
export interface Backlog {
  /** Events to be published now; counted up to {@link COUNTED}. */
  readonly pending: number;
  /** How long the oldest of them has waited. */
  readonly lagMs: number;
  /** Events that are kept out of the way: no log takes them, or their topic does not exist. */
  readonly putAside: number;
  readonly timers: number;
}

/** What waits behind this many is no longer counted: during an outage the question must not become a burden of its own. */
const COUNTED = 100_000;

export async function backlogOf(pool: Pool, schema: string): Promise<Backlog> {
  const { rows } = await pool.query<{ pending: number; lag_ms: number | null; put_aside: number; timers: number }>(
    `SELECT
       (SELECT count(*)::int FROM (SELECT FROM ${outboxOf(schema)} WHERE published_at IS NULL AND put_aside IS NULL LIMIT $1) p) AS pending,
       (SELECT extract(epoch FROM clock_timestamp() - min(created_at))::float8 * 1000 FROM generate_series(0, $2::int - 1) lane
        CROSS JOIN LATERAL (
          SELECT created_at FROM ${outboxOf(schema)}
          WHERE shard = lane AND published_at IS NULL AND put_aside IS NULL ORDER BY id LIMIT 1
        ) first) AS lag_ms,
       (SELECT count(*)::int FROM (SELECT FROM ${outboxOf(schema)} WHERE put_aside IS NOT NULL AND closed_at IS NULL LIMIT $1) a) AS put_aside,
       (SELECT count(*)::int FROM (SELECT FROM ${timersOf(schema)} LIMIT $1) t) AS timers`,
    [COUNTED, SHARDS],
  );
  const [row] = rows;
  return {
    pending: row?.pending ?? 0,
    lagMs: Math.max(0, Math.round(row?.lag_ms ?? 0)),
    putAside: row?.put_aside ?? 0,
    timers: row?.timers ?? 0,
  };
}
