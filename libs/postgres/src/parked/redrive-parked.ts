import type { Pool } from 'pg';
import { sendParked } from '../redelivery/send-parked.ts';
import { Identifier } from '../sql.ts';
import { conditionOf, type ParkedFilter } from './filter.ts';
import { inSchema } from './in-schema.ts';
import { lockParked, type LockedRow } from './locked.ts';
import { isAtWork, MAX_REDRIVES, type Refusal } from './refusal.ts';
import { HOLDING, type Querier } from './turn.ts';

const SEND = sendParked('SELECT $1::bigint', { by: 'person' });
const RECALL = 'UPDATE parked SET redriven_at = NULL WHERE id = $1';
const IS_HEAD = `SELECT id FROM parked WHERE fn = $1 AND key = $2 AND ${HOLDING} ORDER BY place LIMIT 1`;

export interface RedriveOptions {
  /** Also past the loop guard, and what is on its way. The order of a key is kept all the same. */
  readonly force?: boolean;
}

export interface Redriven {
  readonly id: string;
  readonly outcome: 'redriven' | Exclude<Refusal, 'has-steps'>;
  /** How often a person has sent it again, this time among them. */
  readonly redrives: number;
}

/**
 * Sends a parked event to its function again: the event waits in the outbox, its delivery may be taken again from the first attempt, and the row
 * stays open until it took effect, in one transaction.
 */
export function redriveParked(pool: Pool, schema: string, id: string, options: RedriveOptions = {}): Promise<Redriven> {
  return inSchema(pool, schema, async (tx) => {
    const row = await lockParked(tx, id);
    if (!row) return { id, outcome: 'not-found', redrives: 0 };
    const refusal = await refusalOf(tx, row, options.force ?? false);
    if (refusal !== undefined) return { id, outcome: refusal, redrives: row.redrive_count };
    if (row.redriven_at) await tx.query({ text: RECALL, values: [id] });
    await tx.query({ text: SEND, values: [id], span: 'INSERT outbox' });
    return { id, outcome: 'redriven', redrives: row.redrive_count + 1 };
  });
}

async function refusalOf(
  tx: Querier,
  row: LockedRow,
  force: boolean,
): Promise<Exclude<Redriven['outcome'], 'redriven'> | undefined> {
  if (row.closed_as !== null) return 'closed';
  if (row.reason === 'payload-mismatch') return 'payload-mismatch';
  if (isAtWork(row)) return 'at-work';
  if (row.redriven_at && !force) return 'on-its-way';
  if (row.redrive_count >= MAX_REDRIVES && !force) return 'loop-guard';
  if (row.reason !== 'behind') return undefined;
  const { rows } = await tx.query<{ id: string }>({ text: IS_HEAD, values: [row.fn, row.key] });
  return rows[0]?.id === row.id ? undefined : 'behind';
}

/** The next ids of open rows that match, the oldest first: what a redrive of many goes through. */
export async function matchingParked(
  pool: Pool,
  schema: string,
  filter: ParkedFilter,
  after: string,
  limit: number,
): Promise<readonly string[]> {
  const { text, values } = conditionOf({ ...filter, closed: false });
  const n = values.length;
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM ${new Identifier(schema).text}.parked WHERE ${text} AND id > $${n + 1} ORDER BY id LIMIT $${n + 2}`,
    [...values, after, limit],
  );
  return rows.map(({ id }) => id);
}
