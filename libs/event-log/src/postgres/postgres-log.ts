import { assertRecordFits } from '@ebb/events';
import pg from 'pg';
import { UnknownTopicError } from '../errors.ts';
import type { EventLog, LogRecord, Offsets, Position, StoredRecord, TopicInfo } from '../event-log.ts';
import { partitionOf } from '../partitioner.ts';
import { appendRecords } from './append.ts';
import { trimRecords } from './trim.ts';
import { WakeUp } from './wake-up.ts';

export interface PostgresLogOptions {
  readonly url: string;
  readonly maxConnections?: number;
}

/** The event log in PostgreSQL; its tables come from {@link migrateLog}. */
export async function openPostgresLog({ url, maxConnections = 10 }: PostgresLogOptions): Promise<EventLog> {
  const pool = new pg.Pool({ connectionString: url, max: maxConnections, application_name: 'ebb-log' });
  // A connection that breaks while idle is replaced at the next use.
  pool.on('error', () => undefined);
  const log = new PostgresLog(pool, new WakeUp(url, pool));
  try {
    await log.topics();
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}

class PostgresLog implements EventLog {
  readonly #pool: pg.Pool;
  readonly #wakeUp: WakeUp;
  /** A topic never changes its number of partitions. */
  readonly #partitions = new Map<string, number>();
  #roundRobin = 0;

  constructor(pool: pg.Pool, wakeUp: WakeUp) {
    this.#pool = pool;
    this.#wakeUp = wakeUp;
  }

  async createTopic({ name, partitions, retentionMs }: TopicInfo): Promise<void> {
    // One statement: a topic without all of its partitions is never seen.
    await this.#pool.query(
      `WITH made AS (
         INSERT INTO ebb_log.topic (name, partitions, retention_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING name, partitions
       )
       INSERT INTO ebb_log.partition (topic, partition) SELECT name, generate_series(0, partitions - 1) FROM made`,
      [name, partitions, retentionMs],
    );
  }

  async topics(): Promise<readonly TopicInfo[]> {
    const { rows } = await this.#pool.query<{ name: string; partitions: number; retention_ms: string }>(
      'SELECT name, partitions, retention_ms FROM ebb_log.topic ORDER BY name',
    );
    return rows.map(({ name, partitions, retention_ms }) => ({ name, partitions, retentionMs: Number(retention_ms) }));
  }

  async append(topic: string, records: readonly LogRecord[]): Promise<readonly Position[]> {
    if (records.length === 0) return [];
    records.forEach(assertRecordFits);
    const partitions = await this.#partitionsOf(topic);
    const placed = records.map((record) => ({ record, partition: this.#place(record, partitions) }));
    const positions = await appendRecords(this.#pool, topic, placed);
    this.#wakeUp.announce(topic);
    return positions;
  }

  async fetch(topic: string, partition: number, from: bigint, limit: number): Promise<readonly StoredRecord[]> {
    const { rows } = await this.#pool.query<RecordRow>({
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

  beginOffsets(topic: string): Promise<Offsets> {
    return this.#offsetsOf(topic, 'begin_offset');
  }

  endOffsets(topic: string): Promise<Offsets> {
    return this.#offsetsOf(topic, 'next_offset');
  }

  async committed(group: string, topic: string): Promise<Offsets> {
    const { rows } = await this.#pool.query<OffsetRow>(
      'SELECT partition, committed AS at FROM ebb_log.group_offset WHERE consumer_group = $1 AND topic = $2',
      [group, topic],
    );
    return offsetsIn(rows);
  }

  async commit(group: string, topic: string, offsets: Offsets): Promise<void> {
    if (offsets.size === 0) return;
    // In the order of partitions: two commits of one group at once cannot deadlock.
    const sorted = [...offsets].sort(([a], [b]) => a - b);
    await this.#pool.query({
      name: 'ebb_log_commit',
      text: `INSERT INTO ebb_log.group_offset AS g (consumer_group, topic, partition, committed)
             SELECT $1, $2, partition, committed FROM unnest($3::int[], $4::bigint[]) AS o (partition, committed)
             ON CONFLICT (consumer_group, topic, partition) DO UPDATE SET committed = EXCLUDED.committed
             WHERE g.committed < EXCLUDED.committed`,
      values: [group, topic, sorted.map(([partition]) => partition), sorted.map(([, offset]) => String(offset))],
    });
  }

  onAppend(listener: (topic: string) => void): () => void {
    return this.#wakeUp.subscribe(listener);
  }

  trim(): Promise<number> {
    return trimRecords(this.#pool);
  }

  async close(): Promise<void> {
    await this.#wakeUp.close();
    await this.#pool.end();
  }

  #place({ key }: LogRecord, partitions: number): number {
    if (key !== null) return partitionOf(key, partitions);
    this.#roundRobin = (this.#roundRobin + 1) % partitions;
    return this.#roundRobin;
  }

  async #partitionsOf(topic: string): Promise<number> {
    const known = this.#partitions.get(topic);
    if (known !== undefined) return known;
    const { rows } = await this.#pool.query<{ partitions: number }>(
      'SELECT partitions FROM ebb_log.topic WHERE name = $1',
      [topic],
    );
    const [row] = rows;
    if (!row) throw new UnknownTopicError(topic);
    this.#partitions.set(topic, row.partitions);
    return row.partitions;
  }

  async #offsetsOf(topic: string, column: 'begin_offset' | 'next_offset'): Promise<Offsets> {
    const { rows } = await this.#pool.query<OffsetRow>(
      `SELECT partition, ${column} AS at FROM ebb_log.partition WHERE topic = $1 ORDER BY partition`,
      [topic],
    );
    if (rows.length === 0) throw new UnknownTopicError(topic);
    return offsetsIn(rows);
  }
}

interface RecordRow {
  readonly record_offset: string;
  readonly key: string | null;
  readonly headers: Record<string, string>;
  readonly value: Buffer | null;
  readonly created_at: Date;
}

interface OffsetRow {
  readonly partition: number;
  readonly at: string;
}

function offsetsIn(rows: readonly OffsetRow[]): Offsets {
  return new Map(rows.map(({ partition, at }) => [partition, BigInt(at)]));
}
