import { encodeStructured, REDELIVERY_TOPIC, type CloudEvent } from '@ebb/events';
import type { Transaction } from '../database.ts';
import { storedKey, type InboxKey } from '../delivery/inbox-key.ts';
import type { OpenTransaction } from '../open-transaction.ts';

/** What is waited for: an event of a type, about an entity, by a function. */
export interface Awaited {
  readonly fn: string;
  readonly type: string;
  readonly key: string;
}

/** A delivery that waits, and how it is woken. */
export interface Waiter {
  readonly delivery: InboxKey;
  readonly name: string;
  /** The delivery's own event, as it is sent again. */
  readonly redelivery: CloudEvent;
}

/**
 * Waits and signals meet under one lock: without it a signal that arrives while a wait is being written could miss it, and be missed by it.
 */
const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || $1, 0))`;

const TAKE = `
UPDATE signal SET taken_by = $4 WHERE (fn, source, event_id) = (
  SELECT fn, source, event_id FROM signal WHERE fn = $1 AND type = $2 AND key = $3 AND taken_by IS NULL ORDER BY arrived_at LIMIT 1
) RETURNING event`;

const WAIT = `
INSERT INTO wait (fn, source, event_id, name, type, key, event) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (fn, source, event_id, name) DO NOTHING`;

const STOP_WAITING = 'DELETE FROM wait WHERE fn = $1 AND source = $2 AND event_id = $3 AND name = $4';

/** The first event that came and that no other wait took; undefined when none did. */
export async function takeSignal(
  tx: OpenTransaction,
  { fn, type, key }: Awaited,
  { delivery, name }: Pick<Waiter, 'delivery' | 'name'>,
): Promise<CloudEvent | undefined> {
  await lock(tx, { fn, type, key });
  const taker = [delivery.source, delivery.eventId, name].join('\n');
  const { rows } = await tx.query<{ event: CloudEvent }>({
    text: TAKE,
    values: [fn, type, storedKey(key), taker],
    span: 'UPDATE signal',
  });
  return rows[0]?.event;
}

/** Writes down that a delivery waits; in the transaction that found no signal. */
export async function writeWait(
  tx: OpenTransaction,
  { type, key }: Awaited,
  { delivery: { fn, source, eventId }, name, redelivery }: Waiter,
): Promise<void> {
  const event = encodeStructured(redelivery).body.toString('utf8');
  await tx.query({ text: WAIT, values: [fn, source, eventId, name, type, storedKey(key), event], span: 'INSERT wait' });
}

export async function stopWaiting(
  tx: OpenTransaction,
  { delivery: { fn, source, eventId }, name }: Pick<Waiter, 'delivery' | 'name'>,
): Promise<void> {
  await tx.query({ text: STOP_WAITING, values: [fn, source, eventId, name], span: 'DELETE wait' });
}

/** Keeps an event for whoever waits for it, now or later, and wakes those that do: one of them gets it. */
export async function signal(
  { db, enqueue }: Transaction,
  { fn, type, key }: Awaited,
  event: CloudEvent,
  retentionMs: number,
): Promise<void> {
  await db`SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ${lockOf({ fn, type, key })}::text, 0))`;
  await db`
    INSERT INTO signal (fn, type, key, source, event_id, event, expires_at)
    VALUES (${fn}, ${type}, ${storedKey(key)}, ${storedKey(event.source)}, ${storedKey(event.id)},
            ${encodeStructured(event).body.toString('utf8')}, now() + ${retentionMs} * interval '1 millisecond')
    ON CONFLICT (fn, source, event_id) DO NOTHING`;
  const waiters = await db<{ event: CloudEvent }>`
    SELECT event FROM wait WHERE fn = ${fn} AND type = ${type} AND key = ${storedKey(key)} ORDER BY source, event_id, name`;
  await enqueue(waiters.map(({ event: redelivery }) => ({ event: redelivery, topic: REDELIVERY_TOPIC })));
}

async function lock(tx: OpenTransaction, awaited: Awaited): Promise<void> {
  await tx.query({ text: LOCK, values: [lockOf(awaited)], span: 'LOCK wait' });
}

const lockOf = ({ fn, type, key }: Awaited): string => `\nwait\n${fn}\n${type}\n${key}`;
