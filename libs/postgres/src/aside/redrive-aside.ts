import type { Pool } from 'pg';
import { outboxOf } from '../outbox/publish-pending.ts';
import type { ParkedFilter } from '../parked/filter.ts';
import { inSchema } from '../parked/in-schema.ts';
import type { RedriveOptions } from '../parked/redrive-parked.ts';
import { MAX_REDRIVES } from '../parked/refusal.ts';
import { asideCondition } from './filter.ts';
import { lockAside, type LockedAside } from './locked.ts';

/** What went before it stays there: its error is why it was put aside, until it is published or put aside again. */
const SEND = 'UPDATE outbox SET put_aside = NULL, redrive_count = $2 WHERE id = $1';

export interface AsideRedriven {
  readonly id: string;
  readonly outcome: 'redriven' | 'not-found' | 'closed' | 'pending' | 'no-topic' | 'loop-guard';
  /** How often a person has sent it again, this time among them. */
  readonly redrives: number;
}

/** Has the relay publish an event after all that was put aside: it waits in the outbox in its old place. */
export function redriveAside(
  pool: Pool,
  schema: string,
  id: string,
  { force = false }: RedriveOptions = {},
): Promise<AsideRedriven> {
  return inSchema(pool, schema, async (tx) => {
    const row = await lockAside(tx, id);
    if (!row) return { id, outcome: 'not-found', redrives: 0 };
    const refusal = refusalOf(row, force);
    if (refusal !== undefined) return { id, outcome: refusal, redrives: row.redrives };
    const redrives = row.redrives + 1;
    await tx.query({ text: SEND, values: [id, redrives] });
    return { id, outcome: 'redriven', redrives };
  });
}

function refusalOf({ state, reason, redrives }: LockedAside, force: boolean) {
  if (state === 'on-its-way') return 'pending';
  if (state !== 'waiting') return 'closed';
  if (reason === 'no-topic') return 'no-topic';
  return redrives >= MAX_REDRIVES && !force ? 'loop-guard' : undefined;
}

/** The next ids of those that wait and match, the oldest first: what a redrive of many goes through. */
export async function matchingAside(
  pool: Pool,
  schema: string,
  filter: ParkedFilter,
  after: string,
  limit: number,
): Promise<readonly string[]> {
  const { text, values } = asideCondition({ ...filter, closed: false });
  const n = values.length;
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM ${outboxOf(schema)} WHERE ${text} AND put_aside IS NOT NULL AND id > $${n + 1} ORDER BY id LIMIT $${n + 2}`,
    [...values, after, limit],
  );
  return rows.map(({ id }) => id);
}
