import type { Pool } from 'pg';
import { outboxOf } from './publish-pending.ts';

/** The lanes of a schema's outbox that have something to publish now. */
export async function pendingShards(
  pool: Pool,
  schema: string,
  skipTopics: readonly string[] = [],
): Promise<readonly number[]> {
  const { rows } = await pool.query<{ shard: number }>(
    `SELECT DISTINCT shard FROM ${outboxOf(schema)}
     WHERE published_at IS NULL AND (available_at IS NULL OR available_at <= now()) AND topic <> ALL ($1) ORDER BY shard`,
    [skipTopics],
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
