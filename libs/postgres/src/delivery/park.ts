import { encodeStructured } from '@ebb/events';
import type { Query } from '../connections.ts';
import type { DeliveryKey, ParkReason } from '../database.ts';
import { errorText } from './error-text.ts';
import { inboxKeyOf, storedKey } from './inbox-key.ts';

/** One statement, so that the inbox never says "parked" of an event that is not there. */
const PARK = `
WITH settled AS (
  INSERT INTO inbox AS i (fn, source, event_id, status, attempt, payload_sha, last_error, park_reason, trace_id, expires_at)
  VALUES ($1, $2, $3, 'parked', 1, $4, $5, $6, $7, 'infinity')
  ON CONFLICT (fn, source, event_id) DO UPDATE
    SET status = 'parked', attempt = i.attempt + $8, last_error = EXCLUDED.last_error, park_reason = EXCLUDED.park_reason,
        trace_id = EXCLUDED.trace_id, expires_at = EXCLUDED.expires_at
    WHERE i.status = 'failed' AND i.payload_sha = EXCLUDED.payload_sha
  RETURNING attempt
)
INSERT INTO parked (fn, source, event_id, business_key, key, reason, error, event, payload_sha, attempt, trace_id)
SELECT $1, $9, $10, $11, $12, $6, $5, $13, $4, attempt, $7 FROM settled
ON CONFLICT (fn, source, event_id, payload_sha) WHERE closed_at IS NULL DO NOTHING
RETURNING id`;

/** The inbox row belongs to the payload that came first, so it stays as it is. */
const PARK_MISMATCH = `
INSERT INTO parked (fn, source, event_id, business_key, key, reason, error, event, payload_sha, attempt, trace_id)
VALUES ($1, $2, $3, $4, $5, 'payload-mismatch', $6, $7, $8, 0, $9)
ON CONFLICT (fn, source, event_id, payload_sha) WHERE closed_at IS NULL DO NOTHING`;

export interface ParkedRow {
  /** No row at all: a repeated delivery has settled it in the meantime. */
  readonly id: string;
}

/** Puts a delivery aside; `counted` says whether the attempt that failed last was counted already. */
export function park(delivery: DeliveryKey, reason: ParkReason, error: Error, counted: boolean): Query {
  const key = inboxKeyOf(delivery);
  return {
    text: PARK,
    span: 'INSERT parked',
    values: [
      key.fn,
      key.source,
      key.eventId,
      delivery.payloadSha,
      errorText(error),
      reason,
      delivery.traceId ?? null,
      counted ? 0 : 1,
      ...parkedKeys(delivery),
      eventJson(delivery),
    ],
  };
}

export function parkMismatch(delivery: DeliveryKey, error: Error): Query {
  return {
    text: PARK_MISMATCH,
    values: [
      delivery.fn,
      ...parkedKeys(delivery),
      errorText(error),
      eventJson(delivery),
      delivery.payloadSha,
      delivery.traceId ?? null,
    ],
  };
}

/** source, event_id, business_key, key; the event itself has them in full. */
function parkedKeys({ source, id, businessKey, event }: DeliveryKey): (string | null)[] {
  return [source, id, businessKey, event.event.partitionkey].map((key) => (key === undefined ? null : storedKey(key)));
}

function eventJson({ event }: DeliveryKey): string {
  return encodeStructured(event.event).body.toString('utf8');
}
