import type { Pool } from 'pg';
import { INBOX_OF } from '../redelivery/send-parked.ts';
import { inSchema } from './in-schema.ts';
import { lockParked } from './locked.ts';
import { isAtWork, type Refusal } from './refusal.ts';
import { closeParked } from './turn.ts';

/**
 * A copy that is still on its way finds the delivery settled. For how long is up to the relay, which knows how long deliveries are remembered: it
 * drops the inbox row together with the parked one.
 */
export const SETTLE_INBOX = `UPDATE inbox i SET status = 'parked', expires_at = 'infinity' FROM parked p
WHERE p.id = $1 AND p.reason <> 'payload-mismatch' AND ${INBOX_OF('p')} AND i.status <> 'done'`;

export interface Discarded {
  readonly id: string;
  readonly outcome: 'discarded' | Extract<Refusal, 'not-found' | 'closed' | 'at-work'>;
}

/** Closes a parked event for good: it never takes effect. The next of its key goes on, in the same transaction. */
export function discardParked(pool: Pool, schema: string, id: string, note: string): Promise<Discarded> {
  return inSchema(pool, schema, async (tx) => {
    const row = await lockParked(tx, id);
    if (!row) return { id, outcome: 'not-found' };
    if (row.closed_as !== null) return { id, outcome: 'closed' };
    if (isAtWork(row)) return { id, outcome: 'at-work' };
    await tx.query({ text: SETTLE_INBOX, values: [id] });
    await closeParked(tx, id, { as: 'discarded', note });
    return { id, outcome: 'discarded' };
  });
}
