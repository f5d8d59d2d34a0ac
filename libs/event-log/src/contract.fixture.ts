import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MAX_RECORD_BYTES, recordBytes } from '@ebb/events';
import { eventually } from '@ebb/test-database';
import { UnknownTopicError } from './errors.ts';
import type { EventLog, LogRecord, StoredRecord } from './event-log.ts';

export interface LogUnderTest {
  /** A second one on the same data stands for another process. */
  open(): Promise<EventLog>;
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

    beforeAll(async () => {
      under = await prepare();
      [log, other] = await Promise.all([under.open(), under.open()]);
    });

    afterAll(async () => {
      await Promise.all([log.close(), other.close()]);
      await under.destroy();
    });

    async function newTopic(partitions = 3, retentionMs = DAY_MS): Promise<string> {
      const name = `topic-${(count += 1)}`;
      await log.createTopic({ name, partitions, retentionMs });
      return name;
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
      const [first, second] = await other.fetch(topic, 0, 0n, 10);
      expect(first).toMatchObject({ topic, partition: 0, offset: 0n, ...given });
      expect(second).toMatchObject({ offset: 1n, key: null, value: null });
    });

    it('keeps the records of a key in one partition, in order', async () => {
      const topic = await newTopic(5);
      for (let n = 0; n < 20; n += 1) await log.append(topic, [record('a', n), record('b', n)]);
      const records = await everything(log, topic, 5);
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
      for (const [partition, end] of ends) {
        const offsets = (await log.fetch(topic, partition, 0n, 1_000)).map(({ offset }) => offset);
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

    it('reads from an offset, up to a limit', async () => {
      const topic = await newTopic(1);
      await log.append(
        topic,
        Array.from({ length: 10 }, (_, n) => record('k', n)),
      );
      expect((await log.fetch(topic, 0, 4n, 3)).map(numberOf)).toEqual([4, 5, 6]);
      expect(await log.fetch(topic, 0, 10n, 3)).toEqual([]);
    });

    it('knows no topic that was not made, and makes one only once', async () => {
      await expect(log.append('nowhere', [record('k', 1)])).rejects.toThrow(UnknownTopicError);
      await expect(log.endOffsets('nowhere')).rejects.toThrow(UnknownTopicError);
      const topic = await newTopic(2);
      await log.createTopic({ name: topic, partitions: 9, retentionMs: 1 });
      expect((await log.topics()).find(({ name }) => name === topic)).toEqual({
        name: topic,
        partitions: 2,
        retentionMs: DAY_MS,
      });
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

    it('remembers where a group was, and never goes back', async () => {
      const topic = await newTopic(2);
      expect(await log.committed('g', topic)).toEqual(new Map());
      await log.commit(
        'g',
        topic,
        new Map([
          [0, 5n],
          [1, 2n],
        ]),
      );
      await other.commit('g', topic, new Map([[0, 3n]]));
      expect(await other.committed('g', topic)).toEqual(
        new Map([
          [0, 5n],
          [1, 2n],
        ]),
      );
      expect(await log.committed('another', topic)).toEqual(new Map());
    });

    it('tells another process that a topic grew', async () => {
      const topic = await newTopic(1);
      const told: string[] = [];
      const unsubscribe = other.onAppend((name) => told.push(name));
      try {
        // The hint may be lost while the listener connects, so it is provoked until it comes.
        await eventually(async () => {
          await log.append(topic, [record('k', 1)]);
          return told.includes(topic);
        });
      } finally {
        unsubscribe();
      }
    });

    it('drops what is past its retention, and keeps counting', async () => {
      const topic = await newTopic(1, 0);
      await log.append(topic, [record('k', 0), record('k', 1)]);
      await eventually(async () => {
        await log.trim();
        return (await log.fetch(topic, 0, 0n, 10)).length === 0;
      });
      expect(await log.beginOffsets(topic)).toEqual(new Map([[0, 2n]]));
      expect(await log.append(topic, [record('k', 2)])).toEqual([{ partition: 0, offset: 2n }]);
    });
  });
}

const record = (key: string, n: number): LogRecord => ({
  key,
  headers: { n: String(n) },
  value: Buffer.from(String(n)),
});

const numberOf = ({ headers }: StoredRecord): number => Number(headers.n);

async function everything(log: EventLog, topic: string, partitions: number): Promise<readonly StoredRecord[]> {
  const each = Array.from({ length: partitions }, (_, partition) => log.fetch(topic, partition, 0n, 1_000));
  return (await Promise.all(each)).flat();
}
