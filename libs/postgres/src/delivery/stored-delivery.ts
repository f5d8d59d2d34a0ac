import type { Query } from '../connections.ts';
import type { DeliveryKey, ParkReason } from '../database.ts';
import { inboxKeyOf } from './inbox-key.ts';

const STORED = `
SELECT status, payload_sha, park_reason FROM inbox WHERE fn = $1 AND source = $2 AND event_id = $3`;

/** How far a delivery has come. `running` and `waiting` belong to a lease. */
export interface StoredDelivery {
  readonly status: 'running' | 'waiting' | 'failed' | 'done' | 'parked';
  readonly payload_sha: string;
  readonly park_reason: ParkReason | null;
}

export function storedDelivery(delivery: DeliveryKey): Query {
  const { fn, source, eventId } = inboxKeyOf(delivery);
  return { name: 'ebb_inbox_stored', text: STORED, values: [fn, source, eventId] };
}
