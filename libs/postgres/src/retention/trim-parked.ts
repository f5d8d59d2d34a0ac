import type { Pool } from 'pg';
import { INBOX_OF } from '../redelivery/send-parked.ts';
import { Identifier } from '../sql.ts';
import { inBatches, TRIM_BATCH } from './batches.ts';
import { INBOX_RETENTION_MS } from './retention.ts';

/** An event was edited, and the one in its place never came: it waits for a payload that nothing brings any more. */
const IN_VAIN = `i.status = 'failed' AND i.parked_id IS NULL AND i.expires_at = 'infinity'`;

/**
 * Drops parked events that were closed long ago and whose delivery is settled, and with what a person closed the memory of its delivery: a copy that
 * comes later than that would be forgotten of any other event, too. Those that wait for a person stay. Returns how many went.
 */
export function trimParked(
  pool: Pool,
  schema: string,
  { retentionMs = INBOX_RETENTION_MS }: { readonly retentionMs?: number } = {},
): Promise<number> {
  const of = (table: string): string => `${new Identifier(schema).text}.${table}`;
  return inBatches(async () => {
    const { rows } = await pool.query<{ trimmed: number }>(
      `WITH gone AS (
         DELETE FROM ${of('parked')} WHERE id = ANY (ARRAY(
           SELECT id FROM ${of('parked')} p
           WHERE closed_at < now() - $2 * interval '1 millisecond'
             AND NOT EXISTS (SELECT FROM ${of('inbox')} i WHERE ${INBOX_OF('p')}
               AND i.status IN ('running', 'waiting', 'failed') AND NOT (p.closed_as = 'edited' AND ${IN_VAIN}))
           ORDER BY closed_at LIMIT $1
         )) RETURNING id, fn, source, event_id, business_key, closed_as
       ), forgotten AS (
         DELETE FROM ${of('inbox')} i USING gone WHERE ${INBOX_OF('gone')} AND gone.closed_as IN ('discarded', 'edited')
           AND (i.status = 'parked' AND i.parked_id = gone.id OR ${IN_VAIN})
         RETURNING i.fn, i.source, i.event_id
       ), steps AS (
         DELETE FROM ${of('step')} s USING forgotten f WHERE s.fn = f.fn AND s.source = f.source AND s.event_id = f.event_id
       ), waits AS (
         DELETE FROM ${of('wait')} w USING forgotten f WHERE w.fn = f.fn AND w.source = f.source AND w.event_id = f.event_id
       )
       SELECT count(*)::int AS trimmed FROM gone`,
      [TRIM_BATCH, retentionMs],
    );
    return rows[0]?.trimmed ?? 0;
  });
}
