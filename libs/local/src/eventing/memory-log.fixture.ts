import type { EventLog, StoredRecord } from '@ebb/event-log';
import type { EventRecord } from '@ebb/events';

/** An event log in memory that can be told to fail: for what a real one does only in a bad hour. */
export interface MemoryLog extends EventLog {
  /** Operations that fail from now on. */
  readonly failing: Set<'append' | 'fetch' | 'endOffsets' | 'commit'>;
  /** Whether `onAppend` tells anyone; a hint may always be lost. */
  hints: boolean;
  records(topic: string): readonly StoredRecord[];
}

export function memoryLog(): MemoryLog {
  const topics = new Map<string, StoredRecord[][]>();
  const groups = new Map<string, Map<number, bigint>>();
  const listeners = new Set<(topic: string) => void>();
  const failing: MemoryLog['failing'] = new Set();
  let unkeyed = 0;
  const partitionsOf = (topic: string): StoredRecord[][] => {
    const partitions = topics.get(topic);
    if (!partitions) throw new Error(`unknown topic ${topic}`);
    return partitions;
  };
  const check = async (operation: 'append' | 'fetch' | 'endOffsets' | 'commit'): Promise<void> => {
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
    hints: true,
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
      if (log.hints) for (const listener of listeners) listener(topic);
      return placed;
    },
    async fetch(topic, partition, from, limit) {
      await check('fetch');
      return partitionsOf(topic)[partition]!.slice(Number(from), Number(from) + limit);
    },
    async endOffsets(topic) {
      await check('endOffsets');
      return new Map(partitionsOf(topic).map((records, partition) => [partition, BigInt(records.length)]));
    },
    beginOffsets: (topic) => Promise.resolve(new Map(partitionsOf(topic).map((_, partition) => [partition, 0n]))),
    committed: (group, topic) => Promise.resolve(new Map(groups.get(`${group} ${topic}`))),
    async commit(group, topic, offsets) {
      await check('commit');
      const key = `${group} ${topic}`;
      groups.set(key, new Map([...(groups.get(key) ?? []), ...offsets]));
    },
    onAppend(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    trim: () => Promise.resolve(0),
    close: () => Promise.resolve(),
  };
  return log;
}

function hash(key: string): number {
  return Buffer.from(key).reduce((sum, byte) => (sum * 31 + byte) % 65_521, 7);
}
