import { encodeStructured, targetOf } from '@ebb/events';
import type { Query } from '../connections.ts';
import type { DeliveryKey, ParkReason } from '../database.ts';
import { inboxKeyOf, storedKey } from '../delivery/inbox-key.ts';
import { shardOf } from '../outbox/shard.ts';
import { withoutRedelivery } from '../redelivery/redelivery.ts';
import { errorText } from './error-text.ts';

/**
 * One statement, so that the inbox never says "parked" of an event that is not there. A delivery that was parked before, and sent on, opens its
 * row again.
 */
const parkStatement = (taken: string): string => `
WITH fresh AS MATERIALIZED (
  SELECT nextval(pg_get_serial_sequence('parked', 'id')) AS id
), settled AS (
  INSERT INTO inbox AS i (fn, source, event_id, status, attempt, payload_sha, last_error, park_reason, trace_id, expires_at, parked_id)
  SELECT $1, $2, $3, 'parked', $8, $4, $5, $6, $7, 'infinity', id FROM fresh
  ON CONFLICT (fn, source, event_id) DO UPDATE
    SET status = 'parked', attempt = i.attempt + $8, last_error = EXCLUDED.last_error, park_reason = EXCLUDED.park_reason,
        trace_id = EXCLUDED.trace_id, expires_at = EXCLUDED.expires_at, lease_token = NULL, lease_until = NULL,
        parked_id = coalesce(i.parked_id, EXCLUDED.parked_id)
    WHERE (${taken}) AND i.payload_sha = EXCLUDED.payload_sha
  RETURNING attempt, parked_id
)
INSERT INTO parked
  (id, fn, source, event_id, business_key, key, target, shard, headers, event, payload_sha, attempt, trace_id, reason, error, available_at)
OVERRIDING SYSTEM VALUE
SELECT parked_id, $1, $9, $10, $11, $12, $13, $14, $15, $16, $4, attempt, $7, $6, $5, clock_timestamp() + $17 * interval '1 millisecond'
FROM settled
ON CONFLICT (id) DO UPDATE
  SET reason = EXCLUDED.reason, error = EXCLUDED.error, headers = EXCLUDED.headers, attempt = EXCLUDED.attempt, trace_id = EXCLUDED.trace_id,
      available_at = EXCLUDED.available_at, parked_at = now(), redriven_at = NULL
RETURNING id`;

const PARK = parkStatement(`i.status = 'failed'`);

/** A broker gives up on what nobody works on any more. */
const PARK_DEAD_LETTER = parkStatement(
  `i.status IN ('failed', 'waiting') OR (i.status = 'running' AND i.lease_until < clock_timestamp())`,
);

/** The inbox row belongs to the payload that came first, so it stays as it is. */
const PARK_MISMATCH = `
INSERT INTO parked
  (fn, source, event_id, business_key, key, target, shard, headers, event, payload_sha, attempt, trace_id, reason, error)
VALUES ($1, $5, $6, $7, $8, $9, $10, $11, $12, $2, 0, $3, 'payload-mismatch', $4)
ON CONFLICT (fn, source, event_id, payload_sha, (reason = 'payload-mismatch')) WHERE closed_at IS NULL DO NOTHING`;

export interface ParkedId {
  /** No row at all: a repeated delivery has settled it in the meantime. */
  readonly id: string;
}

/** Why and how a delivery is put aside. */
export interface Parking {
  readonly service: string;
  readonly reason: ParkReason;
  readonly error: Error | string;
  /** Whether the attempt that failed last was counted already, or none was made. */
  readonly counted: boolean;
  /** The relay sends it on after this time. */
  readonly afterMs?: number;
}

export function park(delivery: DeliveryKey, { service, reason, error, counted, afterMs }: Parking): Query {
  const key = inboxKeyOf(delivery);
  return {
    text: reason === 'dead-letter' ? PARK_DEAD_LETTER : PARK,
    span: 'INSERT parked',
    values: [
      key.fn,
      key.source,
      key.eventId,
      delivery.payloadSha,
      textOf(error),
      reason,
      delivery.traceId ?? null,
      counted ? 0 : 1,
      ...eventColumns(delivery, service),
      afterMs ?? null,
    ],
  };
}

export function parkMismatch(delivery: DeliveryKey, service: string, error: Error | string): Query {
  return {
    text: PARK_MISMATCH,
    span: 'INSERT parked',
    values: [
      delivery.fn,
      delivery.payloadSha,
      delivery.traceId ?? null,
      textOf(error),
      ...eventColumns(delivery, service),
    ],
  };
}

function textOf(error: Error | string): string {
  return typeof error === 'string' ? error : errorText(error);
}

/** source, event_id, business_key, key, target, shard, headers, event; the event itself has its keys in full. */
function eventColumns({ fn, source, id, businessKey, event, headers }: DeliveryKey, service: string): unknown[] {
  const original = withoutRedelivery(event.event);
  const { partitionkey } = original;
  return [
    storedKey(source),
    storedKey(id),
    businessKey === undefined ? null : storedKey(businessKey),
    partitionkey === undefined ? null : storedKey(partitionkey),
    targetOf(service, fn),
    shardOf(partitionkey ?? id),
    headers ? JSON.stringify(headers) : null,
    encodeStructured(original).body.toString('utf8'),
  ];
}
