import type { Query } from '../connections.ts';
import type { DeliveryKey } from '../database.ts';
import { errorText } from '../parked/error-text.ts';
import { inboxKeyOf } from './inbox-key.ts';

/** Counts a failed attempt, after its transaction was rolled back: inside of it the count would go, too. */
const COUNT_FAILURE = `
INSERT INTO inbox AS i (fn, source, event_id, status, attempt, payload_sha, last_error, trace_id, expires_at)
VALUES ($1, $2, $3, 'failed', 1, $4, $5, $6, now() + $7 * interval '1 millisecond')
ON CONFLICT (fn, source, event_id) DO UPDATE
  SET attempt = i.attempt + 1, last_error = EXCLUDED.last_error, trace_id = EXCLUDED.trace_id, expires_at = EXCLUDED.expires_at
  WHERE i.status = 'failed' AND i.payload_sha = EXCLUDED.payload_sha
RETURNING attempt`;

export interface FailureRow {
  /** Failed attempts so far. No row at all: a repeated delivery has settled it in the meantime. */
  readonly attempt: number;
}

export function countFailure(delivery: DeliveryKey, error: Error, retentionMs: number): Query {
  const { fn, source, eventId } = inboxKeyOf(delivery);
  return {
    name: 'ebb_inbox_count_failure',
    text: COUNT_FAILURE,
    values: [fn, source, eventId, delivery.payloadSha, errorText(error), delivery.traceId ?? null, retentionMs],
  };
}
