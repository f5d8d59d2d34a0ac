import { REDELIVERY_TOPIC, REDRIVE_COUNT_ATTRIBUTE, TARGET_ATTRIBUTE } from '@ebb/events';

/** How rows are sent on. */
export interface SendOptions {
  /** What stands before the names of tables: nothing where the search path is the schema's. */
  readonly schema?: string;
  /** A person did it: counted, and the function's attempts begin anew. */
  readonly by: 'person' | 'turn' | 'time';
}

/**
 * The statement that sends parked rows on: their deliveries may be taken again, and their events wait in the outbox. `chosen` is a query
 * for their ids; rows that are closed, or on their way, are passed over. The event's text is kept, the attributes are put before it.
 */
export function sendParked(chosen: string, { schema = '', by }: SendOptions): string {
  return `
WITH sent AS (
  UPDATE ${schema}parked SET redriven_at = clock_timestamp()${by === 'person' ? ', redrive_count = redrive_count + 1' : ''}
  WHERE id IN (${chosen}) AND closed_at IS NULL AND redriven_at IS NULL
  RETURNING id, place, fn, target, source, event_id, business_key, shard, event, redrive_count
), woken AS (
  UPDATE ${schema}inbox i SET status = 'failed'${by === 'person' ? ', attempt = 0' : ''} FROM sent
  WHERE ${INBOX_OF('sent')} AND i.status = 'parked'
), sending AS (
  INSERT INTO ${schema}outbox (shard, partition_key, topic, event, cause_id)
  SELECT shard, event ->> 'partitionkey', '${REDELIVERY_TOPIC}', ${REDELIVERED}, event ->> 'causationid' FROM sent ORDER BY place
)
SELECT id FROM sent`;
}

/** Where the inbox row \`i\` of a parked row is: a business key takes the place of source and id. */
export const INBOX_OF = (row: string): string => `i.fn = ${row}.fn
    AND i.source = CASE WHEN ${row}.business_key IS NULL THEN ${row}.source ELSE '' END
    AND i.event_id = coalesce(${row}.business_key, ${row}.event_id)`;

const REDELIVERED = `('{"${TARGET_ATTRIBUTE}":' || to_json(target)
    || CASE WHEN redrive_count > 0 THEN ',"${REDRIVE_COUNT_ATTRIBUTE}":' || redrive_count ELSE '' END
    || ',' || substr(event::text, 2))::json`;
