import type { Pool } from 'pg';
import { inSchema } from '../parked/in-schema.ts';
import { lockAside } from './locked.ts';

export interface AsideDiscarded {
  readonly id: string;
  readonly outcome: 'discarded' | 'not-found' | 'closed' | 'pending';
}

/** Closes an event for good that was put aside: it is never published. Kept for as long as published ones are. */
export function discardAside(pool: Pool, schema: string, id: string, note: string): Promise<AsideDiscarded> {
  return inSchema(pool, schema, async (tx) => {
    const row = await lockAside(tx, id);
    if (!row) return { id, outcome: 'not-found' };
    if (row.state === 'on-its-way') return { id, outcome: 'pending' };
    if (row.state !== 'waiting') return { id, outcome: 'closed' };
    await tx.query({
      text: 'UPDATE outbox SET closed_at = clock_timestamp(), note = $2 WHERE id = $1',
      values: [id, note],
    });
    return { id, outcome: 'discarded' };
  });
}
