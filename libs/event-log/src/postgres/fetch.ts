import type { Pool } from 'pg';
import type { StoredRecord } from '../event-log.ts';

interface RecordRow {
  readonly record_offset: string;
  readonly key: string | null;
  readonly headers: Record<string, string>;
  readonly value: Buffer | null;
  readonly created_at: Date;
}

export interface FetchOptions {
  readonly topic: string;
  readonly partition: number;
  readonly from: bigint;
  readonly limit: number;
}

/** The records of a partition from an offset on, oldest first; those that retention took are passed over. */
export async function fetchRecords(
  pool: Pool,
  { topic, partition, from, limit }: FetchOptions,
): Promise<readonly StoredRecord[]> {
  const { rows } = await pool.query<RecordRow>({
    name: 'ebb_log_fetch',
    text: `SELECT record_offset, key, headers, value, created_at FROM ebb_log.record
           WHERE topic = $1 AND partition = $2 AND record_offset >= $3 ORDER BY record_offset LIMIT $4`,
    values: [topic, partition, String(from), limit],
  });
  return rows.map(({ record_offset, key, headers, value, created_at }) => ({
    topic,
    partition,
    offset: BigInt(record_offset),
    timestampMs: created_at.getTime(),
    key,
    headers,
    value,
  }));
}
