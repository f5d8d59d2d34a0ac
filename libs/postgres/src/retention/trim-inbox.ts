import type { Pool } from 'pg';
import { Identifier } from '../sql.ts';
import { inBatches, TRIM_BATCH } from './batches.ts';

/** Forgets deliveries that cannot come again; parked ones are kept until they are settled. Returns how many went. */
export function trimInbox(pool: Pool, schema: string): Promise<number> {
  const inbox = `${new Identifier(schema).text}.inbox`;
  return inBatches(async () => {
    const { rowCount } = await pool.query(
      `DELETE FROM ${inbox} WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM ${inbox} WHERE expires_at < now() AND status <> 'parked' ORDER BY expires_at LIMIT $1
       ))`,
      [TRIM_BATCH],
    );
    return rowCount ?? 0;
  });
}
