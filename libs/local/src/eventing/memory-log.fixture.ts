import type { ConsumeOptions, EventLog, PartitionReader, StoredRecord } from '@ebb/event-log';
import { pause } from './wait.ts';
import type { EventRecord } from '@ebb/events';

const POLL_MS = 5;

/** An event log in memory that can be told to fail: for what a real one does only in a bad hour. */
export interface MemoryLog extends EventLog {
  /** Operations that fail from now on. */
  readonly failing: Set<'append' | 'read' | 'commit'>;
  records(topic: string): readonly StoredRecord[];
  /** Takes the partitions away from all consumers, and gives them back, as a rebalance does. */
  rebalance(): Promise<void>;
}

export function memoryLog(): MemoryLog {
  const topics = new Map<string, StoredRecord[][]>();
  const groups = new Map<string, Map<number, bigint>>();
  const members = new Set<Member>();
  const failing: MemoryLog['failing'] = new Set();
  let unkeyed = 0;
  const partitionsOf = (topic: string): StoredRecord[][] => {
    const partitions = topics.get(topic);
    if (!partitions) throw new Error(`unknown topic ${topic}`);
    return partitions;
  };
  const check = async (operation: 'append' | 'read' | 'commit'): Promise<void> => {
    await Promise.resolve();
    if (failing.has(operation)) throw new Error(`the log fails at ${operation}`);
  };
  const place = (topic: string, record: EventRecord): { partition: number; offset: bigint } => {
    const partitions = partitionsOf(topic);
    const partition = (record.key === null ? unkeyed++ : hash(record.key)) % partitions.length;
    const offset = BigInt(partitions[partition]!.length);
    partitions[partition]!.push({ ...record, topic, partition, offset, timestampMs: Date.now() });
    return { partition, offset };
  };
  const log: MemoryLog = {
    failing,
    records: (topic) => partitionsOf(topic).flat(),
    createTopic({ name, partitions }) {
      if (!topics.has(name))
        topics.set(
          name,
          Array.from({ length: partitions }, () => []),
        );
      return Promise.resolve();
    },
    topics: () =>
      Promise.resolve([...topics].map(([name, { length }]) => ({ name, partitions: length, retentionMs: 1 }))),
    async append(topic, records) {
      await check('append');
      const placed = records.map((record) => place(topic, record));
      return placed;
    },
    async consume(options) {
      await check('read');
      const { topic, group = '' } = options;
      const key = `${group} ${topic}`;
      const ends = new Map(partitionsOf(topic).map(({ length }, partition) => [partition, BigInt(length)]));
      if (!groups.has(key)) groups.set(key, ends);
      const committed = (partition: number): bigint => groups.get(key)?.get(partition) ?? 0n;
      const member = new Member(options, (signal) =>
        partitionsOf(topic).map((records, n) => readerOf(records, n, committed(n), signal, check)),
      );
      members.add(member);
      member.assign();
      return {
        async commit(offsets) {
          await check('commit');
          groups.set(key, new Map([...(groups.get(key) ?? []), ...offsets]));
        },
        close() {
          members.delete(member);
          member.revoke();
          return Promise.resolve();
        },
      };
    },
    async rebalance() {
      for (const member of members) member.revoke();
      await Promise.resolve();
      for (const member of members) member.assign();
    },
    endOffsets: (topic) =>
      Promise.resolve(new Map(partitionsOf(topic).map(({ length }, partition) => [partition, BigInt(length)]))),
    beginOffsets: (topic) => Promise.resolve(new Map(partitionsOf(topic).map((_, partition) => [partition, 0n]))),
    committed: (group, topic) => Promise.resolve(new Map(groups.get(`${group} ${topic}`))),
    trim: () => Promise.resolve(0),
    close: () => Promise.resolve(),
  };
  return log;
}

class Member {
  readonly #options: ConsumeOptions;
  readonly #readers: (signal: AbortSignal) => readonly PartitionReader[];
  #assigned = new AbortController();

  constructor(options: ConsumeOptions, readers: (signal: AbortSignal) => readonly PartitionReader[]) {
    this.#options = options;
    this.#readers = readers;
  }

  assign(): void {
    this.#assigned = new AbortController();
    for (const reader of this.#readers(this.#assigned.signal)) this.#options.onPartition(reader);
  }

  revoke(): void {
    this.#assigned.abort(new Error('the partition was taken away'));
  }
}

function readerOf(
  records: readonly StoredRecord[],
  partition: number,
  start: bigint,
  signal: AbortSignal,
  check: (operation: 'read') => Promise<void>,
): PartitionReader {
  let position = start;
  return {
    partition,
    start,
    signal,
    get position() {
      return position;
    },
    get end() {
      return BigInt(records.length);
    },
    async ready(other) {
      while (records.length <= position) {
        signal.throwIfAborted();
        await pause(POLL_MS, other);
      }
      signal.throwIfAborted();
      other?.throwIfAborted();
    },
    async take(limit) {
      await check('read');
      const taken = records.slice(Number(position), Number(position) + limit);
      position += BigInt(taken.length);
      return taken;
    },
  };
}

function hash(key: string): number {
  return Buffer.from(key).reduce((sum, byte) => (sum * 31 + byte) % 65_521, 7);
}
