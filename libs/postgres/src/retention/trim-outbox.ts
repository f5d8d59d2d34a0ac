import type { Pool } from 'pg';
import { outboxOf } from '../outbox/publish-pending.ts';
import { TRIM_BATCH } from './batches.ts';

const DEFAULT_RETENTION_MS = 7 * 86_400_000;

interface TrimmedBatch {
  readonly trimmed: number;
  /** The last id that was looked at; null at the end of the table. */
  readonly last: string | null;
  /** Whether all that follows is too young. */
  readonly over: boolean;
}

/**
 * Drops events that were published long ago, or closed by a person; returns how many went. Goes by id from the oldest, so that no index has to follow `published_at`,
 * and on past rows that wait: a topic that nobody can write to must not keep the rest for ever.
 */
export async function trimOutbox(
  pool: Pool,
  schema: string,
  { retentionMs = DEFAULT_RETENTION_MS }: { readonly retentionMs?: number } = {},
): Promise<number> {
  let total = 0;
  let after = '0';
  for (;;) {
    const { trimmed, last, over } = await trimBatch(pool, outboxOf(schema), after, retentionMs);
    total += trimmed;
    if (over || last === null) return total;
    after = last;
  }
}

async function trimBatch(pool: Pool, outbox: string, after: string, retentionMs: number): Promise<TrimmedBatch> {
  const { rows } = await pool.query<TrimmedBatch>(
    `WITH looked_at AS MATERIALIZED (
       SELECT id, created_at, coalesce(published_at, closed_at) AS over_at FROM ${outbox} WHERE id > $2 ORDER BY id LIMIT $1
     ), gone AS (
       DELETE FROM ${outbox} o USING looked_at l
       WHERE o.id = l.id AND l.over_at < now() - $3 * interval '1 millisecond' RETURNING o.id
     )
     SELECT (SELECT count(*)::int FROM gone) AS trimmed, max(id) AS last,
            count(*) < $1 OR min(created_at) >= now() - $3 * interval '1 millisecond' AS over
     FROM looked_at`,
    [TRIM_BATCH, after, retentionMs],
  );
  return rows[0] ?? { trimmed: 0, last: null, over: true };
}
