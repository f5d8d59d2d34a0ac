import type { QueryResult } from 'pg';
import type { Query } from '../connections.ts';
import { sendParked } from '../redelivery/send-parked.ts';

/** Runs a statement inside the transaction that something is parked or closed in. */
export interface Querier {
  query<Row extends object>(query: Query): Promise<QueryResult<Row>>;
}

/** Rows that hold up later ones of their key, in the words of the index that finds them. */
export const HOLDING = `closed_at IS NULL AND reason <> 'payload-mismatch'`;

/**
 * Holds on to the row that a key waits for, until this transaction is over: whoever closes that row looks for the next one afterwards, and so
 * cannot miss what is parked behind it now.
 */
const HOLD_HEAD = `SELECT id FROM parked WHERE fn = $1 AND key = $2 AND ${HOLDING} ORDER BY place LIMIT 1 FOR SHARE`;

/** A later statement than the one that closed a row, so that it sees what was parked behind it until then. */
const SEND_NEXT = sendParked(
  `SELECT id FROM (SELECT id, reason FROM parked WHERE fn = $1 AND key = $2 AND ${HOLDING} ORDER BY place LIMIT 1) head WHERE reason = 'behind'`,
  { by: 'turn' },
);

const CLOSE = `UPDATE parked SET closed_at = clock_timestamp(), closed_as = $2, note = $3
WHERE id = $1 AND closed_at IS NULL RETURNING fn, key`;

interface ClosedRow {
  readonly fn: string;
  readonly key: string | null;
}

/** How a parked row ends. */
export interface Closing {
  readonly as: 'done' | 'discarded' | 'edited';
  readonly note?: string;
}

/** The id of the row that a key waits for; undefined when nothing holds it up any more. */
export async function holdHead(tx: Querier, fn: string, key: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ readonly id: string }>({
    text: HOLD_HEAD,
    values: [fn, key],
    span: 'SELECT parked',
  });
  return rows[0]?.id;
}

/**
 * Closes a parked row and sends on the next of its key that waited behind it, in the transaction of what closes it.
 * Resolves to whether something waits for the relay. One that is closed already is left as it is.
 */
export async function closeParked(tx: Querier, id: string, { as, note }: Closing): Promise<boolean> {
  const { rows } = await tx.query<ClosedRow>({ text: CLOSE, values: [id, as, note ?? null], span: 'UPDATE parked' });
  const [closed] = rows;
  return closed?.key == null ? false : sendNext(tx, closed.fn, closed.key);
}

/** Sends the first of a key on when it only waited for its turn. */
async function sendNext(tx: Querier, fn: string, key: string): Promise<boolean> {
  const { rows } = await tx.query({ text: SEND_NEXT, values: [fn, key], span: 'INSERT outbox' });
  return rows.length > 0;
}
