import type { Pool } from 'pg';
import { Identifier } from '../sql.ts';
import { inBatches, TRIM_BATCH } from './batches.ts';

/**
 * Forgets deliveries that cannot come again, and with them their steps and waits. What is parked, at work or waiting is kept until it is settled.
 * Returns how many went.
 */
export function trimInbox(pool: Pool, schema: string): Promise<number> {
  const of = (table: string): string => `${new Identifier(schema).text}.${table}`;
  return inBatches(async () => {
    const { rows } = await pool.query<{ trimmed: number }>(
      // The conditions twice: a row that was found may be taken again before it is deleted.
      `WITH gone AS (
         DELETE FROM ${of('inbox')} WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM ${of('inbox')} WHERE expires_at < now() AND status IN ('done', 'failed', 'parked') ORDER BY expires_at LIMIT $1
         )) AND expires_at < now() AND status IN ('done', 'failed', 'parked')
         RETURNING fn, source, event_id
       ), steps AS (
         DELETE FROM ${of('step')} s USING gone g WHERE s.fn = g.fn AND s.source = g.source AND s.event_id = g.event_id
       ), waits AS (
         DELETE FROM ${of('wait')} w USING gone g WHERE w.fn = g.fn AND w.source = g.source AND w.event_id = g.event_id
       )
       SELECT count(*)::int AS trimmed FROM gone`,
      [TRIM_BATCH],
    );
    return rows[0]?.trimmed ?? 0;
  });
}
