import type { Query } from '../connections.ts';
import type { DeliveryKey } from '../database.ts';
import { HOLDING } from '../parked/turn.ts';
import { inboxKeyOf, storedKey } from './inbox-key.ts';

/** The parked row that a key waits for: one look into an index that is mostly empty. */
export const headOf = (fn: string, key: string): string =>
  `(SELECT id FROM parked WHERE fn = ${fn} AND key = ${key} AND ${HOLDING} ORDER BY place LIMIT 1)`;

/**
 * Takes a delivery for this transaction. The lock comes first: who loses it must not wait for the winner's row.
 * The row is written as done, because it is seen only if everything commits. An attempt that failed before has left a row, which is taken over;
 * with DO UPDATE that also holds when the row was committed after this statement's snapshot. An ordered delivery also asks who is first of its
 * key among what is parked.
 */
const CLAIM = `
WITH lock AS MATERIALIZED (
  SELECT pg_try_advisory_xact_lock(hashtextextended(current_schema() || $1, 0)) AS taken
), claim AS (
  INSERT INTO inbox AS i (fn, source, event_id, status, attempt, payload_sha, trace_id, expires_at)
  SELECT $2, $3, $4, 'done', 1, $5, $6, now() + $7 * interval '1 millisecond' FROM lock WHERE taken
  ON CONFLICT (fn, source, event_id) DO UPDATE
    SET status = 'done', attempt = i.attempt + 1, trace_id = EXCLUDED.trace_id, expires_at = EXCLUDED.expires_at
    WHERE i.status = 'failed' AND i.payload_sha = EXCLUDED.payload_sha
  RETURNING attempt, parked_id
)
SELECT lock.taken, claim.attempt, claim.parked_id,
  ${headOf('$2', '$8')} AS head
FROM lock LEFT JOIN claim ON true`;

export interface ClaimRow {
  /** False: another process has this delivery in hand. */
  readonly taken: boolean;
  /** Null: there is nothing left to do but to answer what is stored. */
  readonly attempt: number | null;
  /** The row that was opened when this delivery was parked. */
  readonly parked_id: string | null;
  /** The parked row that the delivery's key waits for; another one's means that it is not this delivery's turn. */
  readonly head: string | null;
}

export function claim(delivery: DeliveryKey, retentionMs: number): Query {
  const { fn, source, eventId } = inboxKeyOf(delivery);
  return {
    name: 'ebb_inbox_claim',
    text: CLAIM,
    span: 'INSERT inbox',
    values: [
      `\n${fn}\n${source}\n${eventId}`,
      fn,
      source,
      eventId,
      delivery.payloadSha,
      delivery.traceId ?? null,
      retentionMs,
      orderedKeyOf(delivery),
    ],
  };
}

/** The key whose order counts, as it is stored; null where there is none. */
export function orderedKeyOf({ order, event }: DeliveryKey): string | null {
  const { partitionkey } = event.event;
  return order === 'ordered' && partitionkey !== undefined ? storedKey(partitionkey) : null;
}
