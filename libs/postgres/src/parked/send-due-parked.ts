import type { Pool } from 'pg';
import { sendParked } from '../redelivery/send-parked.ts';
import { Identifier } from '../sql.ts';

const BATCH = 100;

/**
 * Sends parked events on whose time has come, in one statement and so in one transaction; returns how many there were. For the relay.
 * Several relays may do it at once: a row that one of them has is passed over by the others.
 * @param now default: the database's clock, by which the times were set
 */
export async function sendDueParked(pool: Pool, schema: string, now?: Date, limit = BATCH): Promise<number> {
  const prefix = `${new Identifier(schema).text}.`;
  const due = `SELECT id FROM ${prefix}parked
    WHERE closed_at IS NULL AND redriven_at IS NULL AND available_at IS NOT NULL AND available_at <= coalesce($1, clock_timestamp())
    ORDER BY available_at, id LIMIT $2 FOR UPDATE SKIP LOCKED`;
  const { rowCount } = await pool.query(sendParked(due, { schema: prefix, by: 'time' }), [now ?? null, limit]);
  return rowCount ?? 0;
}
