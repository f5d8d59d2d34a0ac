import { assertRecordFits, encodeJsonEvent, MAX_RECORD_BYTES, toRecord } from '@ebb/events';
import type { Query } from '../connections.ts';
import type { OutboxEvent } from '../database.ts';
import { textArray } from '../text-array.ts';
import { shardOf } from './shard.ts';

/** An event whose text is shorter fits in a record, whatever its headers add. */
const SURELY_FITS_BYTES = MAX_RECORD_BYTES / 2;

/** The rows of one statement get their ids in the order of the arrays: that is the order of publishing. */
const INSERT_OUTBOX = `
INSERT INTO outbox (shard, partition_key, topic, event, cause_id)
SELECT shard, partition_key, topic, event, cause_id
FROM ROWS FROM (unnest($1::smallint[], $2::text[], $3::text[], $4::text[]), json_array_elements($5::json))
  WITH ORDINALITY AS r (shard, partition_key, topic, cause_id, event, nth)
ORDER BY nth`;

export interface OutboxRow {
  readonly shard: number;
  readonly key: string | null;
  readonly topic: string;
  /** CloudEvents JSON format. */
  readonly json: string;
  readonly causeId: string | null;
}

/** @throws EbbError EBB_TOO_LARGE · CloudEventError for an event that cannot be written */
export function outboxRow({ event, topic }: OutboxEvent): OutboxRow {
  const json = encodeJsonEvent(event);
  // A UTF-16 unit takes three bytes of UTF-8 at most.
  if (3 * json.length > SURELY_FITS_BYTES) assertRecordFits(toRecord(event));
  return {
    shard: shardOf(event.partitionkey ?? event.id),
    key: event.partitionkey ?? null,
    topic,
    json,
    causeId: event.causationid ?? null,
  };
}

export function outboxInsert(rows: readonly OutboxRow[]): Query {
  return { name: 'ebb_outbox_insert', text: INSERT_OUTBOX, values: outboxColumns(rows) };
}

/**
 * Shards, partition keys, topics, causes, and the events as one JSON array: an array of PostgreSQL's would have every quote in them escaped, and
 * the elements of this one keep their text.
 */
export function outboxColumns(rows: readonly OutboxRow[]): unknown[] {
  return [
    `{${rows.map(({ shard }) => shard).join(',')}}`,
    textArray(rows.map(({ key }) => key)),
    textArray(rows.map(({ topic }) => topic)),
    textArray(rows.map(({ causeId }) => causeId)),
    `[${rows.map(({ json }) => json).join(',')}]`,
  ];
}
