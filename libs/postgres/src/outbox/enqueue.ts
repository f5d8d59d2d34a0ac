import { EbbError } from '@ebb/core';
import { encodeStructured } from '@ebb/events';
import type { Query } from '../connections.ts';
import type { OutboxEvent } from '../database.ts';
import { shardOf } from './shard.ts';

/** The largest event that the way to a function takes: the limit of brokers and of Kafka's default settings. */
export const MAX_EVENT_BYTES = 1_048_576;

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
  if (body.length > MAX_EVENT_BYTES) {
    throw new EbbError(
      'EBB_TOO_LARGE',
      `event ${event.id} (${event.type}) has ${body.length} bytes, at most ${MAX_EVENT_BYTES} are carried`,
    );
  }
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
