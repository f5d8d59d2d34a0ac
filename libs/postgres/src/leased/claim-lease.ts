import type { Query } from '../connections.ts';
import type { DeliveryKey } from '../database.ts';
import { headOf, orderedKeyOf } from '../delivery/claim.ts';
import { inboxKeyOf } from '../delivery/inbox-key.ts';

/**
 * Takes a delivery on lease. It is free when it is new, failed before, was woken from a wait, or when the lease of whoever had it has run out: then
 * that one is taken for dead, which counts as an attempt. Being woken does not.
 */
const CLAIM_LEASE = `
WITH claim AS (
  INSERT INTO inbox AS i (fn, source, event_id, status, attempt, lease_token, lease_until, payload_sha, trace_id, expires_at)
  VALUES ($1, $2, $3, 'running', 1, $4, clock_timestamp() + $5 * interval '1 millisecond', $6, $7, 'infinity')
  ON CONFLICT (fn, source, event_id) DO UPDATE
    SET status = 'running', attempt = i.attempt + CASE i.status WHEN 'waiting' THEN 0 ELSE 1 END,
        lease_token = EXCLUDED.lease_token, lease_until = EXCLUDED.lease_until, trace_id = EXCLUDED.trace_id, expires_at = 'infinity'
    WHERE i.payload_sha = EXCLUDED.payload_sha
      AND (i.status = 'failed' OR (i.status = 'running' AND i.lease_until < clock_timestamp()) OR (i.status = 'waiting' AND $8))
  RETURNING attempt, parked_id
)
SELECT claim.attempt, claim.parked_id,
  (SELECT status IN ('running', 'waiting') FROM inbox WHERE fn = $1 AND source = $2 AND event_id = $3) AS was_begun,
  ${headOf('$1', '$9')} AS head FROM (SELECT) one LEFT JOIN claim ON true`;

export interface LeaseClaimRow {
  /** Null: somebody has it, or there is nothing left to do. */
  readonly attempt: number | null;
  readonly parked_id: string | null;
  /** It had begun before this claim: whatever is parked of its key came later, and is not what it waits for. */
  readonly was_begun: boolean | null;
  readonly head: string | null;
}

/** `isWakeUp`: the event was sent again to this function, because what the delivery waited for has come. */
export function claimLease(delivery: DeliveryKey, token: string, leaseMs: number, isWakeUp: boolean): Query {
  const { fn, source, eventId } = inboxKeyOf(delivery);
  return {
    name: 'ebb_lease_claim',
    text: CLAIM_LEASE,
    span: 'INSERT inbox',
    values: [
      fn,
      source,
      eventId,
      token,
      leaseMs,
      delivery.payloadSha,
      delivery.traceId ?? null,
      isWakeUp,
      orderedKeyOf(delivery),
    ],
  };
}
