import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { MAX_RECORD_BYTES, recordBytes } from '@ebb/events';
import { eventually } from '@ebb/test-database';
import { UnknownTopicError } from './errors.ts';
import type { EventLog, LogRecord, StoredRecord } from './event-log.ts';
import { readAll } from './read-all.ts';
import { startReader, type TestReader } from './reader.fixture.ts';

export { startReader, type TestReader };

export interface LogUnderTest {
  /** A second one on the same data stands for another process. */
  open(): Promise<EventLog>;
  /** Makes what the topic holds pass its retention, and go. */
  expire(log: EventLog, topic: string): Promise<void>;
  /** Removes all of it, after the logs were closed. */
  destroy(): Promise<void>;
}

const DAY_MS = 86_400_000;

/** What every driver of the event log must do. */
export function describeEventLog(driver: string, prepare: () => Promise<LogUnderTest>): void {
  describe(`the event log on ${driver}`, () => {
    let under: LogUnderTest;
    let log: EventLog;
    let other: EventLog;
    let count = 0;
    // The data may outlive a run.
    const run = randomUUID().slice(0, 8);
    const readers: TestReader[] = [];

    beforeAll(async () => {
      under = await prepare();
      [log, other] = await Promise.all([under.open(), under.open()]);
    });

    afterEach(async () => {
      await Promise.all(readers.splice(0).map((reader) => reader.close()));
    });
    afterAll(async () => {
      await Promise.all([log.close(), other.close()]);
      await under.destroy();
    });

    async function newTopic(partitions = 3, retentionMs = DAY_MS): Promise<string> {
      const name = `topic-${run}-${(count += 1)}`;
      await log.createTopic({ name, partitions, retentionMs });
      return name;
    }

    async function reading(topic: string, options: Parameters<typeof startReader>[2] = {}): Promise<TestReader> {
      const reader = await startReader(log, topic, options);
      readers.push(reader);
      return reader;
    }

    it('keeps a record as it was given, with key, headers and bytes', async () => {
      const topic = await newTopic(1);
      const given: LogRecord = {
        key: 'ö-1',
        headers: { ce_id: 'ü', 'content-type': 'application/octet-stream' },
        value: Buffer.from([0, 255, 10]),
      };
      expect(await log.append(topic, [given, { key: null, headers: {}, value: null }])).toEqual([
        { partition: 0, offset: 0n },
        { partition: 0, offset: 1n },
      ]);
      const [first, second] = await readAll(other, topic);
      expect(first).toMatchObject({ topic, partition: 0, offset: 0n, ...given });
      expect(second).toMatchObject({ offset: 1n, key: null, value: null });
    });

    it('keeps the records of a key in one partition, in order', async () => {
      const topic = await newTopic(5);
      for (let n = 0; n < 20; n += 1) await log.append(topic, [record('a', n), record('b', n)]);
      const records = await readAll(log, topic);
      for (const key of ['a', 'b']) {
        const ofKey = records.filter((each) => each.key === key);
        expect(new Set(ofKey.map(({ partition }) => partition)).size).toBe(1);
        expect(ofKey.map(numberOf)).toEqual(Array.from({ length: 20 }, (_, n) => n));
      }
    });

    it('gives out offsets without gaps when many append at once', async () => {
      const topic = await newTopic(2);
      const appends = Array.from({ length: 60 }, (_, n) =>
        (n % 2 === 0 ? log : other).append(topic, [record(`k${n}`, n), record(`l${n}`, n)]),
      );
      await Promise.all(appends);
      const ends = await log.endOffsets(topic);
      expect([...ends.values()].reduce((sum, end) => sum + end, 0n)).toBe(120n);
      const records = await readAll(log, topic);
      for (const [partition, end] of ends) {
        const offsets = records.filter((each) => each.partition === partition).map(({ offset }) => offset);
        expect(offsets).toEqual(Array.from({ length: Number(end) }, (_, n) => BigInt(n)));
      }
    });

    it('spreads records without a key over all partitions', async () => {
      const topic = await newTopic(4);
      const positions = await log.append(
        topic,
        Array.from({ length: 40 }, (_, n) => ({ ...record('', n), key: null })),
      );
      expect(new Set(positions.map(({ partition }) => partition)).size).toBe(4);
    });

    it('gives what is taken, up to a limit, and keeps the rest', async () => {
      const topic = await newTopic(1);
      await log.append(topic, numbered(10));
      const { partition } = await reading(topic, { from: 'begin', isManual: true });
      const reader = partition(0);
      expect([reader.start, reader.position]).toEqual([0n, 0n]);
      await reader.ready();
      expect((await reader.take(3)).map(numberOf)).toEqual([0, 1, 2]);
      expect(reader.position).toBe(3n);
      const rest: number[] = [];
      while (rest.length < 7) {
        await reader.ready();
        rest.push(...(await reader.take(4)).map(numberOf));
      }
      expect(rest).toEqual([3, 4, 5, 6, 7, 8, 9]);
      expect(await reader.take(4)).toEqual([]);
      await eventually(() => reader.end === 10n);
    });

    it('waits for what comes, until it is told to stop', async () => {
      const topic = await newTopic(1);
      const { partition, close } = await reading(topic, { isManual: true });
      const reader = partition(0);
      const enough = new AbortController();
      const first = reader.ready(enough.signal);
      enough.abort(new Error('enough'));
      await expect(first).rejects.toThrow('enough');
      const second = reader.ready();
      await log.append(topic, numbered(1));
      await second;
      expect((await reader.take(5)).map(numberOf)).toEqual([0]);
      const third = reader.ready();
      third.catch(() => undefined);
      await close();
      expect(reader.signal.aborted).toBe(true);
      await expect(third).rejects.toThrow();
    });

    it('starts a new group at the end, and loses nothing from then on', async () => {
      const topic = await newTopic(3);
      await log.append(topic, numbered(5));
      const first = await reading(topic, { group: `g-${topic}` });
      expect([...first.starts().values()].reduce((sum, start) => sum + start, 0n)).toBe(5n);
      // It dies before it has read or committed anything.
      await first.close();
      await log.append(topic, numbered(5, 5));
      const second = await reading(topic, { group: `g-${topic}` });
      await eventually(() => second.records.length === 5);
      expect(second.records.map(numberOf).sort()).toEqual([5, 6, 7, 8, 9]);
    });

    it('goes on behind what the group committed, and brings the rest again', async () => {
      const topic = await newTopic(1);
      const [group, another] = [`g-${topic}`, `h-${topic}`];
      const first = await reading(topic, { group });
      const unrelated = await reading(topic, { group: another });
      await log.append(topic, numbered(6));
      await eventually(() => first.records.length === 6 && unrelated.records.length === 6);
      await first.consumption.commit(new Map([[0, 4n]]));
      await first.consumption.commit(new Map([[0, 2n]]));
      await first.consumption.commit(new Map([[7, 9n]]));
      await first.close();
      expect(await other.committed(group, topic)).toEqual(new Map([[0, 4n]]));
      expect(await other.committed(another, topic)).toEqual(new Map([[0, 0n]]));
      const second = await reading(topic, { group });
      await eventually(() => second.records.length === 2);
      expect(second.records.map(numberOf)).toEqual([4, 5]);
    });

    it('may read from the beginning as a group, and remembers nothing without one', async () => {
      const topic = await newTopic(2);
      await log.append(topic, numbered(8));
      const whole = await reading(topic, { group: `g-${topic}`, from: 'begin' });
      const alone = await reading(topic, { from: 'begin' });
      const late = await reading(topic);
      await eventually(() => whole.records.length === 8 && alone.records.length === 8);
      expect(late.records).toEqual([]);
      await alone.consumption.commit(new Map([[0, 1n]]));
      await log.append(topic, numbered(1, 8));
      await eventually(() => late.records.length === 1 && whole.records.length === 9);
    });

    it('keeps the order of each partition under a slow taker and a fast writer', async () => {
      const topic = await newTopic(2);
      const { records } = await reading(topic, { group: `g-${topic}`, atOnce: 7 });
      const amount = 1_500;
      for (let n = 0; n < amount; n += 100) await log.append(topic, numbered(100, n));
      await eventually(() => records.length >= amount);
      for (const partition of [0, 1]) {
        const offsets = records.filter((each) => each.partition === partition).map(({ offset }) => offset);
        expect(offsets).toEqual(Array.from({ length: offsets.length }, (_, n) => BigInt(n)));
      }
      expect(records).toHaveLength(amount);
    });

    it('knows no topic that was not made, and makes one only once', async () => {
      await expect(log.append('nowhere', [record('k', 1)])).rejects.toThrow(UnknownTopicError);
      await expect(log.endOffsets('nowhere')).rejects.toThrow(UnknownTopicError);
      await expect(log.consume({ topic: 'nowhere', onPartition: () => undefined })).rejects.toThrow(UnknownTopicError);
      const topic = await newTopic(2);
      await log.createTopic({ name: topic, partitions: 9, retentionMs: 1 });
      const info = { name: topic, partitions: 2, retentionMs: DAY_MS };
      expect((await log.topics()).find(({ name }) => name === topic)).toEqual(info);
      expect(await log.topics([topic, 'nowhere'])).toEqual([info]);
      expect(await log.committed('nobody', topic)).toEqual(new Map());
    });

    it('takes a record of 1 MiB with all that belongs to it, and refuses a larger one, and what came with it', async () => {
      const topic = await newTopic(1);
      const empty: LogRecord = { key: 'k', headers: { ce_id: 'ö'.repeat(500) }, value: Buffer.alloc(0) };
      const largest = { ...empty, value: Buffer.alloc(MAX_RECORD_BYTES - recordBytes(empty)) };
      const tooLarge = { ...empty, value: Buffer.alloc(largest.value.length + 1) };
      await expect(log.append(topic, [record('k', 1), tooLarge])).rejects.toMatchObject({ code: 'EBB_TOO_LARGE' });
      expect(await log.endOffsets(topic)).toEqual(new Map([[0, 0n]]));
      expect(await log.append(topic, [largest, largest])).toHaveLength(2);
    });

    it('may keep a topic for ever', async () => {
      const topic = await newTopic(1, Infinity);
      await log.append(topic, numbered(2));
      await log.trim();
      expect(await log.beginOffsets(topic)).toEqual(new Map([[0, 0n]]));
      expect(await log.topics([topic])).toEqual([{ name: topic, partitions: 1, retentionMs: Infinity }]);
    });

    it('passes over what retention took, and keeps counting', async () => {
      const topic = await newTopic(1, 0);
      const group = `g-${topic}`;
      const first = await reading(topic, { group, isManual: true });
      await log.append(topic, numbered(2));
      await first.close();
      await under.expire(log, topic);
      expect(await log.beginOffsets(topic)).toEqual(new Map([[0, 2n]]));
      const second = await reading(topic, { group });
      expect(second.starts()).toEqual(new Map([[0, 2n]]));
      expect(await log.append(topic, numbered(1, 2))).toEqual([{ partition: 0, offset: 2n }]);
      await eventually(() => second.records.length === 1);
    });
  });
}

const record = (key: string, n: number): LogRecord => ({
  key,
  headers: { n: String(n) },
  value: Buffer.from(String(n)),
});

const numberOf = ({ headers }: StoredRecord): number => Number(headers.n);

/** Records of different keys, from a number on. */
const numbered = (amount: number, first = 0): readonly LogRecord[] =>
  Array.from({ length: amount }, (_, n) => record(`key-${first + n}`, first + n));
