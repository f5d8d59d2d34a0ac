import { derivedId, systemClock } from '@ebb/core';
import { encodeStructured, payloadSha, type CloudEvent } from '@ebb/events';
import type { Pool } from 'pg';
import { storedKey } from '../delivery/inbox-key.ts';
import { outboxInsert, outboxRow } from '../outbox/enqueue.ts';
import { redeliveryOf } from '../redelivery/redelivery.ts';
import { INBOX_OF, sendParked } from '../redelivery/send-parked.ts';
import { SETTLE_INBOX } from './discard-parked.ts';
import { inSchema } from './in-schema.ts';
import { lockParked, type LockedRow } from './locked.ts';
import { isAtWork, type Refusal } from './refusal.ts';
import { closeParked, type Querier } from './turn.ts';

const HAS_STEPS = `SELECT EXISTS (SELECT FROM step i, parked p WHERE p.id = $1 AND ${INBOX_OF('p')}) AS yes`;

/** Takes the place of the one before, so that it goes ahead of what waited behind that one. */
const SUCCEED = `
INSERT INTO parked (place, fn, target, source, event_id, key, shard, reason, error, headers, event, payload_sha, attempt, trace_id, replaces)
SELECT place, fn, target, source, $2, key, shard, CASE reason WHEN 'payload-mismatch' THEN 'terminal' ELSE reason END, error, headers, $3, $4, 0,
  trace_id, id FROM parked WHERE id = $1
RETURNING id`;

const KNOW = `
INSERT INTO inbox (fn, source, event_id, status, attempt, payload_sha, park_reason, trace_id, expires_at, parked_id)
SELECT fn, source, event_id, 'parked', 0, payload_sha, reason, trace_id, 'infinity', id FROM parked WHERE id = $1`;

const SEND = sendParked('SELECT $1::bigint', { by: 'turn' });

/** With a business key the effect is the same one, now to be had from another payload. */
const EXPECT_OTHER_PAYLOAD = `
UPDATE inbox i SET status = 'failed', attempt = 0, payload_sha = $2, parked_id = NULL, expires_at = 'infinity'
FROM parked p WHERE p.id = $1 AND p.reason <> 'payload-mismatch' AND ${INBOX_OF('p')}`;

export interface Edit {
  /** The new payload, checked against the schema by the caller. */
  readonly data: unknown;
  /** Why. */
  readonly note?: string;
}

export interface Edited {
  readonly id: string;
  readonly outcome: 'edited' | Exclude<Refusal, 'loop-guard' | 'behind' | 'payload-mismatch'>;
  /** The id of the event that took its place. */
  readonly eventId?: string;
  /** The row that waits for it to take effect. */
  readonly successor?: string;
}

/**
 * Sends a new event in the place of a parked one: the same but for its payload and its id, which follows from the old one's; the old one is its
 * cause. The old row closes in the transaction that puts the new event into the outbox, beside a row of its own that stays open until it took effect.
 * @throws EbbError EBB_TOO_LARGE
 */
export function editParked(pool: Pool, schema: string, id: string, edit: Edit): Promise<Edited> {
  return inSchema(pool, schema, async (tx) => {
    const row = await lockParked(tx, id);
    if (!row) return { id, outcome: 'not-found' };
    const refusal = await refusalOf(tx, row);
    if (refusal !== undefined) return { id, outcome: refusal };
    const event = editedEvent(row, edit.data);
    const successor = await (row.business_key === null ? succeed : sendAgain)(tx, row, event);
    await closeParked(tx, id, { as: 'edited', ...(edit.note !== undefined && { note: edit.note }) });
    // What waits for its turn is sent on by the closing, if its turn it is.
    if (successor !== undefined && row.reason !== 'behind')
      await tx.query({ text: SEND, values: [successor], span: 'INSERT outbox' });
    return { id, outcome: 'edited', eventId: event.id, ...(successor !== undefined && { successor }) };
  });
}

async function refusalOf(
  tx: Querier,
  row: LockedRow,
): Promise<Exclude<Edited['outcome'], 'edited' | 'not-found'> | undefined> {
  if (row.closed_as !== null) return 'closed';
  if (isAtWork(row)) return 'at-work';
  if (row.redriven_at) return 'on-its-way';
  const { rows } = await tx.query<{ yes: boolean }>({ text: HAS_STEPS, values: [row.id] });
  return rows[0]?.yes ? 'has-steps' : undefined;
}

/** Each event is edited once, since its row is closed by it: the new id is the old one's, and comes out the same however often it is asked for. */
function editedEvent({ event: old, target }: LockedRow, data: unknown): CloudEvent {
  const { id, source, correlationid = id } = old as unknown as CloudEvent;
  return {
    ...Object.fromEntries(Object.entries(old).filter(([name]) => name !== 'data_base64')),
    id: derivedId([source, id, target, 'edit'].join('\u0000')),
    time: new Date(systemClock.now()).toISOString(),
    correlationid,
    causationid: id,
    data,
  } as CloudEvent;
}

async function succeed(tx: Querier, row: LockedRow, event: CloudEvent): Promise<string | undefined> {
  const sha = payloadSha({ event, payload: undefined });
  // Refused now where it is too large to be sent.
  outboxRow(redeliveryOf(event, row.target));
  const json = encodeStructured(event).body.toString('utf8');
  const { rows } = await tx.query<{ id: string }>({ text: SUCCEED, values: [row.id, storedKey(event.id), json, sha] });
  await tx.query({ text: SETTLE_INBOX, values: [row.id] });
  await tx.query({ text: KNOW, values: [rows[0]?.id] });
  return rows[0]?.id;
}

/** The new payload may give another business key, so nothing can wait for it by name: if it fails, it is parked like any other. */
async function sendAgain(tx: Querier, row: LockedRow, event: CloudEvent): Promise<string | undefined> {
  await tx.query({ text: EXPECT_OTHER_PAYLOAD, values: [row.id, payloadSha({ event, payload: undefined })] });
  await tx.query(outboxInsert([outboxRow(redeliveryOf(event, row.target))]));
  return undefined;
}
