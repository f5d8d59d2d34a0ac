import type { Pool } from 'pg';
import { outboxOf } from '../outbox/publish-pending.ts';
import { inBatches, TRIM_BATCH } from './batches.ts';

const DEFAULT_RETENTION_MS = 7 * 86_400_000;

/**
 * Drops events that were published long ago. Only the oldest rows are looked at, by id, so that no index has to follow `published_at`.
 * Returns how many went.
 */
export function trimOutbox(
  pool: Pool,
  schema: string,
  { retentionMs = DEFAULT_RETENTION_MS }: { readonly retentionMs?: number } = {},
): Promise<number> {
  const outbox = outboxOf(schema);
  return inBatches(async () => {
    const { rowCount } = await pool.query(
      `WITH oldest AS (SELECT id, published_at FROM ${outbox} ORDER BY id LIMIT $1)
       DELETE FROM ${outbox} USING oldest
       WHERE ${outbox}.id = oldest.id AND oldest.published_at < now() - $2 * interval '1 millisecond'`,
      [TRIM_BATCH, retentionMs],
    );
    return rowCount ?? 0;
  });
}
