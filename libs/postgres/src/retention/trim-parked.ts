import type { Pool } from 'pg';
import { INBOX_OF } from '../redelivery/send-parked.ts';
import { Identifier } from '../sql.ts';
import { inBatches, TRIM_BATCH } from './batches.ts';
import { INBOX_RETENTION_MS } from './retention.ts';

/** Drops parked events that were closed long ago and whose delivery is settled. Those that wait for a person stay. Returns how many went. */
export function trimParked(
  pool: Pool,
  schema: string,
  { retentionMs = INBOX_RETENTION_MS }: { readonly retentionMs?: number } = {},
): Promise<number> {
  const of = (table: string): string => `${new Identifier(schema).text}.${table}`;
  return inBatches(async () => {
    const { rowCount } = await pool.query(
      `DELETE FROM ${of('parked')} WHERE id = ANY (ARRAY(
         SELECT id FROM ${of('parked')} p
         WHERE closed_at < now() - $2 * interval '1 millisecond'
           AND NOT EXISTS (SELECT FROM ${of('inbox')} i WHERE ${INBOX_OF('p')} AND i.status IN ('running', 'waiting', 'failed'))
         ORDER BY closed_at LIMIT $1
       ))`,
      [TRIM_BATCH, retentionMs],
    );
    return rowCount ?? 0;
  });
}
