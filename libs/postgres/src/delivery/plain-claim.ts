import type { Query } from '../connections.ts';
import type { DeliveryKey } from '../database.ts';
import { outboxColumns, type OutboxRow } from '../outbox/enqueue.ts';
import { HOLDING } from '../parked/turn.ts';
import { textArray } from '../text-array.ts';
import { orderedKeyOf } from './claim.ts';
import { inboxKeyOf } from './inbox-key.ts';

/*
 * The claim of deliveries about which there is nothing to say: nobody has them in hand, they were never parked, and nothing of their key is. All
 * but a few are like that. What is claimed is done when the transaction commits; whatever is not claimed here, for whichever reason, is left to
 * the claim that tells the reasons apart.
 */
const lockOf = (fn: string, source: string, eventId: string): string =>
  `pg_try_advisory_xact_lock(hashtextextended(current_schema() || E'\\n' || ${fn} || E'\\n' || ${source} || E'\\n' || ${eventId}, 0))`;
const nothingParked = (fn: string, key: string): string =>
  `NOT EXISTS (SELECT FROM parked p WHERE p.fn = ${fn} AND p.key = ${key} AND ${HOLDING})`;
const FAILED_BEFORE = `i.status = 'failed' AND i.payload_sha = EXCLUDED.payload_sha AND i.parked_id IS NULL`;
const CLAIM_AGAIN = `attempt = i.attempt + 1, trace_id = EXCLUDED.trace_id, expires_at = EXCLUDED.expires_at`;

/**
 * Claims one, or fails: an error instead of a result, because PostgreSQL then skips the statement of the handler that was sent along. The limits
 * of the transaction are set on the way, which is cheaper than a statement for them.
 */
const CLAIM_OR_FAIL = `
INSERT INTO inbox AS i (fn, source, event_id, status, attempt, payload_sha, trace_id, expires_at)
VALUES ($1, $2, $3,
  CASE WHEN set_config('idle_in_transaction_session_timeout', $8, true) <> '' AND set_config('statement_timeout', $8, true) <> ''
    AND ${lockOf('$1', '$2', '$3')} AND ${nothingParked('$1', '$6::text')}
  THEN 'done' ELSE refuse_delivery()::text END, 1, $4, $5, now() + $7 * interval '1 millisecond')
ON CONFLICT (fn, source, event_id) DO UPDATE
  SET status = CASE WHEN ${FAILED_BEFORE} THEN 'done' ELSE refuse_delivery()::text END, ${CLAIM_AGAIN}`;

const MANY = `
WITH asked AS MATERIALIZED (
  SELECT a.*, ${lockOf('fn', 'source', 'event_id')} AND ${nothingParked('a.fn', 'a.key')} AS free
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
    WITH ORDINALITY AS a (fn, source, event_id, payload_sha, trace_id, key, nth)
), claimed AS (
  INSERT INTO inbox AS i (fn, source, event_id, status, attempt, payload_sha, trace_id, expires_at)
  SELECT fn, source, event_id, 'done', 1, payload_sha, trace_id, now() + $7 * interval '1 millisecond' FROM asked WHERE free
  ON CONFLICT (fn, source, event_id) DO UPDATE SET status = 'done', ${CLAIM_AGAIN} WHERE ${FAILED_BEFORE}
  RETURNING fn, source, event_id, attempt
)`;
/** Which of them were claimed is worked out only where it is not all of them, at the first attempt. */
const WON = `, won AS (
  SELECT nth, attempt FROM asked JOIN claimed USING (fn, source, event_id)
), counted AS MATERIALIZED (
  SELECT count(*) = cardinality($3) AS is_all, coalesce(max(attempt), 0) <= 1 AS is_first FROM claimed
)`;
const wonOr = (isPlain: string): string =>
  `CASE WHEN NOT (${isPlain}) THEN (SELECT coalesce(json_agg(json_build_array(nth, attempt)), '[]') FROM won) END AS won`;

/**
 * The inbox itself is not asked: a plan that was made while it was small reads all of it, and goes on doing so while it grows, until statistics
 * are gathered.
 */
const CLAIM_MANY = `${MANY}${WON}
SELECT ${wonOr('is_all AND is_first')} FROM counted`;

/** The rows get their ids in the order of the events, and of the events that each of those emitted. */
const CLAIM_AND_EMIT = `${MANY}${WON}, sent AS (
  INSERT INTO outbox (shard, partition_key, topic, event, cause_id)
  SELECT shard, partition_key, topic, event, cause_id
  FROM ROWS FROM (
    unnest($8::int[]), unnest($9::smallint[], $10::text[], $11::text[], $12::text[]), json_array_elements($13::json)
  ) WITH ORDINALITY AS r (whose, shard, partition_key, topic, cause_id, event, place)
  WHERE (SELECT is_all FROM counted) OR whose IN (SELECT nth FROM won) ORDER BY place
)
SELECT ${wonOr('is_all')} FROM counted`;

/** Of deliveries that were not claimed, those that took effect before. It has no name, and so is planned for the inbox as it is. */
const DONE = `
SELECT nth::int FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
  WITH ORDINALITY AS a (fn, source, event_id, payload_sha, nth) JOIN inbox i USING (fn, source, event_id)
WHERE i.status = 'done' AND i.payload_sha = a.payload_sha`;

const REFUSED = 'EBDLV';

/** Which of many deliveries were claimed, counted from 1, and at which attempt. Null: all of them, at the first. */
export interface WonRow {
  readonly won: readonly (readonly [nth: number, attempt: number])[] | null;
}

/** Claims one delivery, or fails: see {@link isRefusal}. The statements of its transaction, and the pauses between them, are limited. */
export function claimOrFail(delivery: DeliveryKey, retentionMs: number, limitMs: string): Query {
  const values = [...keysOf(delivery), retentionMs, limitMs];
  return { name: 'ebb_claim_or_fail', text: CLAIM_OR_FAIL, span: 'INSERT inbox', values };
}

/** Claims as many of the deliveries as are plain. No two may have the same key. */
export function claimMany(deliveries: readonly DeliveryKey[], retentionMs: number): Query {
  const values = [...columnsOf(deliveries), retentionMs];
  return { name: 'ebb_claim_many', text: CLAIM_MANY, span: 'INSERT inbox', values };
}

/** A delivery that took effect before, counted from 1. */
export interface DoneRow {
  readonly nth: number;
}

/** Asks which of the deliveries took effect before, in the transaction that did not claim them. */
export function doneBefore(deliveries: readonly DeliveryKey[]): Query {
  return { text: DONE, span: 'SELECT inbox', values: columnsOf(deliveries).slice(0, 4) };
}

/** A delivery whose handler asked nothing of PostgreSQL, with the events that it emitted. */
export interface Emission {
  readonly delivery: DeliveryKey;
  readonly outbox: readonly OutboxRow[];
}

/** Claims as {@link claimMany} does, and writes the events of what it claimed: all that there is to do in a transaction. */
export function claimAndEmit(emissions: readonly Emission[], retentionMs: number): Query {
  return {
    name: 'ebb_claim_and_emit',
    text: CLAIM_AND_EMIT,
    untraced: true,
    values: [
      ...columnsOf(emissions.map(({ delivery }) => delivery)),
      retentionMs,
      `{${emissions.flatMap(({ outbox }, at) => outbox.map(() => at + 1)).join(',')}}`,
      ...outboxColumns(emissions.flatMap(({ outbox }) => outbox)),
    ],
  };
}

export function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === REFUSED;
}

type Keys = readonly [string, string, string, string, string | null, string | null];

const COLUMNS = [0, 1, 2, 3, 4, 5] as const;

function keysOf(delivery: DeliveryKey): Keys {
  const { fn, source, eventId } = inboxKeyOf(delivery);
  return [fn, source, eventId, delivery.payloadSha, delivery.traceId ?? null, orderedKeyOf(delivery)];
}

function columnsOf(deliveries: readonly DeliveryKey[]): readonly string[] {
  const keys = deliveries.map(keysOf);
  return COLUMNS.map((column) => textArray(keys.map((values) => values[column])));
}
