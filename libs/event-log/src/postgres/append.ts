import type { PoolClient } from 'pg';
import type { LogRecord, Position } from '../event-log.ts';

/**
 * Takes the next offsets of each partition and stores the records under them, in one statement.
 * The partitions' rows are locked in the order of their numbers, so appends of several partitions cannot deadlock; the lock is held until
 * the commit, which is what makes the order of offsets the order of commits.
 */
const APPEND = `
WITH incoming AS (
  SELECT ordinal, partition, key, headers, value,
         row_number() OVER (PARTITION BY partition ORDER BY ordinal) - 1 AS nth
  FROM unnest($2::int[], $3::text[], $4::json[], $5::bytea[]) WITH ORDINALITY AS r (partition, key, headers, value, ordinal)
), counts AS (
  SELECT partition, count(*) AS amount FROM incoming GROUP BY partition
), locked AS MATERIALIZED (
  SELECT p.partition FROM ebb_log.partition p JOIN counts USING (partition)
  WHERE p.topic = $1 ORDER BY p.partition FOR UPDATE OF p
), taken AS (
  UPDATE ebb_log.partition p SET next_offset = p.next_offset + counts.amount
  FROM counts JOIN locked USING (partition)
  WHERE p.topic = $1 AND p.partition = counts.partition
  RETURNING p.partition, p.next_offset - counts.amount AS first
), stored AS (
  INSERT INTO ebb_log.record (topic, partition, record_offset, key, headers, value)
  SELECT $1, partition, first + nth, key, headers, value FROM incoming JOIN taken USING (partition)
)
SELECT partition, (first + nth)::text AS record_offset FROM incoming JOIN taken USING (partition) ORDER BY ordinal`;

/** A record and the partition that it goes to. */
export interface Placed {
  readonly partition: number;
  readonly record: LogRecord;
}

export async function appendRecords(
  client: Pick<PoolClient, 'query'>,
  topic: string,
  placed: readonly Placed[],
): Promise<readonly Position[]> {
  const { rows } = await client.query<{ partition: number; record_offset: string }>({
    name: 'ebb_log_append',
    text: APPEND,
    values: [
      topic,
      placed.map(({ partition }) => partition),
      placed.map(({ record }) => record.key),
      placed.map(({ record }) => JSON.stringify(record.headers)),
      placed.map(({ record }) => record.value),
    ],
  });
  return rows.map((row) => ({ partition: row.partition, offset: BigInt(row.record_offset) }));
}
