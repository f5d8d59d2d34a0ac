import { EbbError } from '@ebb/core';
import { payloadSha, type DecodedEvent } from '@ebb/events';
import type { Pool } from 'pg';
import type { DeliveryKey } from '../database.ts';
import { storedDelivery, type StoredDelivery } from '../delivery/stored-delivery.ts';
import { inSchema } from './in-schema.ts';
import { park, parkMismatch, type ParkedId } from './park.ts';

/** An event that a broker gave up on, on its way to a function. */
export interface DeadLetterEvent {
  readonly service: string;
  readonly fn: string;
  readonly event: DecodedEvent;
  /** What the last attempt came to, in words. */
  readonly error: string;
  /** The `knativeerror…` attributes, and what else the failure said. */
  readonly headers: Readonly<Record<string, string>>;
  readonly traceId?: string;
}

/**
 * Parks an event that a broker gave up on, beside those that its function parked itself. Undefined: it took effect, or is parked, already.
 * @throws EbbError EBB_RUNTIME while a process works on it: what comes of that decides
 */
export function parkDeadLetter(pool: Pool, schema: string, letter: DeadLetterEvent): Promise<string | undefined> {
  const { service, fn, event, error, headers, traceId } = letter;
  const { source, id } = event.event;
  const delivery: DeliveryKey = {
    ...{ fn, source, id, event, headers, retryBudget: 0, payloadSha: payloadSha(event) },
    ...(traceId !== undefined && { traceId }),
  };
  return inSchema(pool, schema, async (tx) => {
    const parked = await tx.query<ParkedId>(park(delivery, { service, reason: 'dead-letter', error, counted: true }));
    const [row] = parked.rows;
    if (row) return row.id;
    const [stored] = (await tx.query<StoredDelivery>(storedDelivery(delivery))).rows;
    if (stored?.status === 'running') throw new EbbError('EBB_RUNTIME', `${service}/${fn} works on event ${id}`);
    if (stored && stored.payload_sha !== delivery.payloadSha) await tx.query(parkMismatch(delivery, service, error));
    return undefined;
  });
}
