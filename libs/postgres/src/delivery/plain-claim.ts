import type { Query } from '../connections.ts';
import type { DeliveryKey } from '../database.ts';
import { outboxColumns, type OutboxRow } from '../outbox/enqueue.ts';
import { HOLDING } from '../parked/turn.ts';
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
const WON = `, won AS (
  SELECT nth FROM asked JOIN claimed USING (fn, source, event_id)
)`;

/** The inbox is seen here as it was before: what is done there was done by an earlier delivery. */
const CLAIM_MANY = `${MANY}
SELECT claimed.attempt, coalesce(i.status = 'done' AND i.payload_sha = asked.payload_sha, false) AS is_duplicate
FROM asked LEFT JOIN claimed USING (fn, source, event_id) LEFT JOIN inbox i USING (fn, source, event_id)
ORDER BY asked.nth`;

/** The rows get their ids in the order of the events, and of the events that each of those emitted. */
const CLAIM_AND_EMIT = `${MANY}${WON}, sent AS (
  INSERT INTO outbox (shard, partition_key, topic, event, cause_id)
  SELECT shard, partition_key, topic, event, cause_id
  FROM ROWS FROM (
    unnest($8::int[]), unnest($9::smallint[], $10::text[], $11::text[], $12::text[]), json_array_elements($13::json)
  ) WITH ORDINALITY AS r (whose, shard, partition_key, topic, cause_id, event, place)
  WHERE whose IN (SELECT nth FROM won) ORDER BY place
)
SELECT nth::int FROM won`;

const REFUSED = 'EBDLV';

/** A delivery that {@link claimAndEmit} claimed, counted from 1. */
export interface WonRow {
  readonly nth: number;
}

/** Claims one delivery, or fails: see {@link isRefusal}. The statements of its transaction, and the pauses between them, are limited. */
export function claimOrFail(delivery: DeliveryKey, retentionMs: number, limitMs: string): Query {
  const values = [...keysOf(delivery), retentionMs, limitMs];
  return { name: 'ebb_claim_or_fail', text: CLAIM_OR_FAIL, span: 'INSERT inbox', values };
}

/** A delivery of {@link claimMany}, in their order. */
export interface PlainRow {
  /** Null: it was not claimed. */
  readonly attempt: number | null;
  readonly is_duplicate: boolean;
}

/** Claims as many of the deliveries as are plain. No two may have the same key. */
export function claimMany(deliveries: readonly DeliveryKey[], retentionMs: number): Query {
  const values = [...columnsOf(deliveries), retentionMs];
  return { name: 'ebb_claim_many', text: CLAIM_MANY, span: 'INSERT inbox', values };
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
      emissions.flatMap(({ outbox }, at) => outbox.map(() => at + 1)),
      ...outboxColumns(emissions.flatMap(({ outbox }) => outbox)),
    ],
  };
}

export function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === REFUSED;
}

type Keys = readonly [string, string, string, string, string | null, string | null];

function keysOf(delivery: DeliveryKey): Keys {
  const { fn, source, eventId } = inboxKeyOf(delivery);
  return [fn, source, eventId, delivery.payloadSha, delivery.traceId ?? null, orderedKeyOf(delivery)];
}

function columnsOf(deliveries: readonly DeliveryKey[]): (string | null)[][] {
  const columns: (string | null)[][] = [[], [], [], [], [], []];
  for (const delivery of deliveries) keysOf(delivery).forEach((value, column) => columns[column]?.push(value));
  return columns;
}
