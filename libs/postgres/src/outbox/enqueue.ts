import { assertRecordFits, encodeStructured, MAX_RECORD_BYTES, toRecord } from '@ebb/events';
import type { Query } from '../connections.ts';
import type { OutboxEvent } from '../database.ts';
import { shardOf } from './shard.ts';

/** An event whose text is shorter fits in a record, whatever its headers add. */
const SURELY_FITS_BYTES = MAX_RECORD_BYTES / 2;

/** The rows of one statement get their ids in the order of the arrays: that is the order of publishing. */
const INSERT_OUTBOX = `
INSERT INTO outbox (shard, partition_key, topic, event, cause_id)
SELECT shard, partition_key, topic, event, cause_id
FROM unnest($1::smallint[], $2::text[], $3::text[], $4::json[], $5::text[])
  WITH ORDINALITY AS r (shard, partition_key, topic, event, cause_id, nth)
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
  const { body } = encodeStructured(event);
  if (body.length > SURELY_FITS_BYTES) assertRecordFits(toRecord(event));
  return {
    shard: shardOf(event.partitionkey ?? event.id),
    key: event.partitionkey ?? null,
    topic,
    json: body.toString('utf8'),
    causeId: event.causationid ?? null,
  };
}

export function outboxInsert(rows: readonly OutboxRow[]): Query {
  return {
    name: 'ebb_outbox_insert',
    text: INSERT_OUTBOX,
    values: [
      rows.map(({ shard }) => shard),
      rows.map(({ key }) => key),
      rows.map(({ topic }) => topic),
      rows.map(({ json }) => json),
      rows.map(({ causeId }) => causeId),
    ],
  };
}
