import type { Pool } from 'pg';
import { outboxOf } from './publish-pending.ts';
import { SHARDS } from './shard.ts';

/** The lanes of a schema's outbox that have something to publish now. One look per lane, however much waits in it. */
export async function pendingShards(
  pool: Pool,
  schema: string,
  skipTopics: readonly string[] = [],
): Promise<readonly number[]> {
  const { rows } = await pool.query<{ shard: number }>(
    `SELECT lane AS shard FROM generate_series(0, $2::int - 1) lane CROSS JOIN LATERAL (
       SELECT FROM ${outboxOf(schema)}
       WHERE shard = lane AND published_at IS NULL AND (available_at IS NULL OR available_at <= now()) AND topic <> ALL ($1)
       ORDER BY id LIMIT 1
     ) first ORDER BY lane`,
    [skipTopics, SHARDS],
  );
  return rows.map(({ shard }) => shard);
}

/** How many events of a schema's outbox are not published yet. */
export async function pendingCount(pool: Pool, schema: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${outboxOf(schema)} WHERE published_at IS NULL`,
  );
  return rows[0]?.count ?? 0;
}
