import type { Pool } from 'pg';
import { Identifier } from '../sql.ts';
import { inBatches, TRIM_BATCH } from './batches.ts';

/** Drops events that were kept for whoever would wait for them, and are past their time. Returns how many went. */
export function trimSignals(pool: Pool, schema: string): Promise<number> {
  const signals = `${new Identifier(schema).text}.signal`;
  return inBatches(async () => {
    const { rowCount } = await pool.query(
      `DELETE FROM ${signals} WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM ${signals} WHERE expires_at < now() ORDER BY expires_at LIMIT $1
       )) AND expires_at < now()`,
      [TRIM_BATCH],
    );
    return rowCount ?? 0;
  });
}
