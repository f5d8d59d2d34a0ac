import { setMaxListeners } from 'node:events';
import { silentLogger, type Logger } from '@ebb/core';
import { assertRecordFits } from '@ebb/events';
import pg from 'pg';
import type { ConsumeOptions, Consumption } from '../consumption.ts';
import { UnknownTopicError } from '../errors.ts';
import type { EventLog, LogRecord, Offsets, Position, TopicInfo } from '../event-log.ts';
import { partitionOf } from '../partitioner.ts';
import { startOffsets, type StartOffsets } from '../start-offsets.ts';
import { appendRecords } from './append.ts';
import { commitOffsets } from './commit.ts';
import { fetchRecords } from './fetch.ts';
import { PostgresReader } from './postgres-reader.ts';
import { TopicWatcher } from './topic-watcher.ts';
import { TopicWatchers } from './topic-watchers.ts';
import { trimRecords } from './trim.ts';
import { WakeUp } from './wake-up.ts';

export interface PostgresLogOptions {
  readonly url: string;
  readonly maxConnections?: number;
  readonly logger?: Logger;
}

/** A topic that keeps everything, as its row has it. */
const FOR_EVER = -1;

/** The event log in PostgreSQL; its tables come from {@link migrateLog}. */
export async function openPostgresLog({
  url,
  maxConnections = 10,
  logger = silentLogger,
}: PostgresLogOptions): Promise<EventLog> {
  const pool = new pg.Pool({ connectionString: url, max: maxConnections, application_name: 'ebb-log' });
  // A connection that breaks while idle is replaced at the next use.
  pool.on('error', () => undefined);
  const log = new PostgresLog(pool, new WakeUp(url, pool), logger);
  try {
    await log.topics();
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}

/**
 * A group has one member here, the runtime that has the workspace to itself: it is given every partition.
 */
class PostgresLog implements EventLog {
  readonly #pool: pg.Pool;
  readonly #wakeUp: WakeUp;
  readonly #logger: Logger;
  readonly #watchers: TopicWatchers;
  /** A topic never changes its number of partitions. */
  readonly #partitions = new Map<string, number>();
  #roundRobin = 0;

  constructor(pool: pg.Pool, wakeUp: WakeUp, logger: Logger) {
    this.#pool = pool;
    this.#wakeUp = wakeUp;
    this.#logger = logger;
    this.#watchers = new TopicWatchers((topic) => this.#watch(topic));
  }

  async createTopic({ name, partitions, retentionMs }: TopicInfo): Promise<void> {
    // One statement: a topic without all of its partitions is never seen.
    await this.#pool.query(
      `WITH made AS (
         INSERT INTO ebb_log.topic (name, partitions, retention_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING name, partitions
       )
       INSERT INTO ebb_log.partition (topic, partition) SELECT name, generate_series(0, partitions - 1) FROM made`,
      [name, partitions, Number.isFinite(retentionMs) ? retentionMs : FOR_EVER],
    );
  }

  async topics(names?: readonly string[]): Promise<readonly TopicInfo[]> {
    const { rows } = await this.#pool.query<{ name: string; partitions: number; retention_ms: string }>(
      `SELECT name, partitions, retention_ms FROM ebb_log.topic
       WHERE $1::text[] IS NULL OR name = ANY($1) ORDER BY name`,
      [names ?? null],
    );
    return rows.map(({ name, partitions, retention_ms }) => ({
      name,
      partitions,
      retentionMs: retentionOf(Number(retention_ms)),
    }));
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

  async consume(options: ConsumeOptions): Promise<Consumption> {
    const { topic, group, onPartition } = options;
    const watcher = this.#watchers.acquire(topic);
    const closing = new AbortController();
    // Each partition's reader listens: more than the ten that Node takes for a leak.
    setMaxListeners(0, closing.signal);
    let own: Offsets = new Map();
    const commit = (offsets: Offsets): Promise<void> => {
      if (group === undefined || closing.signal.aborted) return Promise.resolve();
      return commitOffsets(this.#pool, group, topic, new Map([...offsets].filter(([partition]) => own.has(partition))));
    };
    const close = (): Promise<void> => {
      if (!closing.signal.aborted) this.#watchers.release(topic);
      closing.abort(new Error(`the consumer of ${topic} was closed`));
      return Promise.resolve();
    };
    try {
      const { starts, isNew } = await this.#start(options, watcher);
      own = starts;
      if (isNew) await commit(starts);
      for (const [partition, start] of starts) {
        onPartition(this.#reader(topic, { partition, start, watcher, signal: closing.signal }));
      }
      return { commit, close };
    } catch (error) {
      await close();
      throw error;
    }
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

  trim(): Promise<number> {
    return trimRecords(this.#pool);
  }

  async close(): Promise<void> {
    this.#watchers.stop();
    await this.#wakeUp.close();
    await this.#pool.end();
  }

  async #start(options: ConsumeOptions, watcher: TopicWatcher): Promise<StartOffsets> {
    const { group, topic } = options;
    const ends = await watcher.refresh();
    const [committed, begins] = await Promise.all([
      group === undefined ? new Map<number, bigint>() : this.committed(group, topic),
      this.beginOffsets(topic),
    ]);
    return startOffsets(options, { begins, ends, committed }, this.#logger);
  }

  #reader(
    topic: string,
    given: Pick<ConstructorParameters<typeof PostgresReader>[0], 'partition' | 'start' | 'watcher' | 'signal'>,
  ): PostgresReader {
    const { partition } = given;
    return new PostgresReader({
      ...given,
      fetch: (from, limit) => fetchRecords(this.#pool, { topic, partition, from, limit }),
      begin: async () => (await this.beginOffsets(topic)).get(partition) ?? 0n,
    });
  }

  #watch(topic: string): TopicWatcher {
    return new TopicWatcher({
      topic,
      logger: this.#logger,
      endOffsets: () => this.endOffsets(topic),
      onHint: (hint) =>
        this.#wakeUp.subscribe((grown) => {
          if (grown === topic) hint();
        }),
    });
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

interface OffsetRow {
  readonly partition: number;
  readonly at: string;
}

function offsetsIn(rows: readonly OffsetRow[]): Offsets {
  return new Map(rows.map(({ partition, at }) => [partition, BigInt(at)]));
}

function retentionOf(ms: number): number {
  return ms === FOR_EVER ? Infinity : ms;
}
