import type { Query } from '../connections.ts';
import type { DeliveryKey } from '../database.ts';
import { inboxKeyOf } from './inbox-key.ts';

/**
 * Takes a delivery for this transaction. The lock comes first: who loses it must not wait for the winner's row.
 * The row is written as done, because it is seen only if everything commits. An attempt that failed before has left a row, which is taken over;
 * with DO UPDATE that also holds when the row was committed after this statement's snapshot.
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
  RETURNING attempt
)
SELECT lock.taken, claim.attempt FROM lock LEFT JOIN claim ON true`;

export interface ClaimRow {
  /** False: another process has this delivery in hand. */
  readonly taken: boolean;
  /** Null: there is nothing left to do but to answer what is stored. */
  readonly attempt: number | null;
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
    ],
  };
}
