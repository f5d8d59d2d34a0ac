import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { EventLog, LogRecord } from '@ebb/event-log';
import { startReader, type TestReader } from '@ebb/event-log/contract';
import { eventually } from '@ebb/test-database';
import { describeWithKafka, kafkaForTests, type TestKafka } from '../testing/kafka.fixture.ts';
import { openKafkaLog } from './kafka-log.ts';

const KEYS = ['a', 'b', 'c', 'd', 'e'];
const record = (key: string, n: number): LogRecord => ({
  key,
  headers: { n: String(n) },
  value: Buffer.from(`${key}-${n}`),
});

describeWithKafka('a group on Kafka', () => {
  let kafka: TestKafka;
  let log: EventLog;
  let other: EventLog;
  const readers: TestReader[] = [];

  beforeAll(async () => {
    kafka = await kafkaForTests();
    [log, other] = await Promise.all([openKafkaLog(kafka), openKafkaLog(kafka)]);
  });
  afterEach(async () => {
    await Promise.all(readers.splice(0).map((reader) => reader.close()));
  });
  afterAll(async () => {
    await Promise.allSettled([log.close(), other.close()]);
    await kafka.stop();
  }, 60_000);

  const member = async (of: EventLog, topic: string): Promise<TestReader> => {
    const reader = await startReader(of, topic, { group: `g-${topic}` });
    readers.push(reader);
    return reader;
  };
  /** What fails is given again, as every publisher does; it may then be there twice. */
  const surely = async (topic: string, records: readonly LogRecord[]): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await other.append(topic, records);
        return;
      } catch (error) {
        if (attempt === 30) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  };
  const seenOf = (key: string, ...members: readonly TestReader[]): readonly number[] => [
    ...new Set(
      members.flatMap(({ records }) =>
        records.filter((each) => each.key === key).map((each) => Number(each.headers.n)),
      ),
    ),
  ];

  it('shares the partitions among its members, and goes on when one leaves', async () => {
    const topic = 'shared';
    await log.createTopic({ name: topic, partitions: 4, retentionMs: 60_000 });
    const first = await member(log, topic);
    expect(first.assigned()).toHaveLength(4);
    await log.append(
      topic,
      KEYS.map((key) => record(key, 0)),
    );
    await eventually(() => first.records.length === KEYS.length);
    const second = await member(other, topic);
    await eventually(() => first.assigned().length === 2 && second.assigned().length === 2);
    expect([...first.assigned(), ...second.assigned()].sort()).toEqual([0, 1, 2, 3]);
    // Of what it lost it commits nothing: the other has it, from where the group was.
    await first.consumption.commit(new Map([0, 1, 2, 3].map((partition) => [partition, 1n])));
    const lost = second.assigned();
    for (const [partition, offset] of await log.committed(`g-${topic}`, topic)) {
      if (lost.includes(partition)) expect(offset).toBe(0n);
    }
    await log.append(
      topic,
      KEYS.map((key) => record(key, 1)),
    );
    await eventually(() => KEYS.every((key) => seenOf(key, first, second).length === 2));
    await first.close();
    await eventually(() => second.assigned().length === 4);
    await log.append(
      topic,
      KEYS.map((key) => record(key, 2)),
    );
    await eventually(() => KEYS.every((key) => seenOf(key, second).includes(2)));
  });

  it('keeps partitions that it keeps through a rebalance, without reading them again', async () => {
    const topic = 'kept';
    await log.createTopic({ name: topic, partitions: 2, retentionMs: 60_000 });
    const first = await member(log, topic);
    await log.append(
      topic,
      KEYS.map((key) => record(key, 0)),
    );
    await eventually(() => first.records.length === KEYS.length);
    const second = await member(other, topic);
    await eventually(() => first.assigned().length === 1 && second.assigned().length === 1);
    await log.append(
      topic,
      KEYS.map((key) => record(key, 1)),
    );
    const [kept] = first.assigned();
    await eventually(() => KEYS.every((key) => seenOf(key, first, second).length === 2));
    const offsets = first.records.filter(({ partition }) => partition === kept).map(({ offset }) => offset);
    expect(offsets).toEqual([...new Set(offsets)]);
  });

  it('loses nothing, and keeps the order of each key, when the broker is killed again and again', async () => {
    const topic = 'killed';
    await log.createTopic({ name: topic, partitions: 3, retentionMs: 600_000 });
    const reader = await member(log, topic);
    const amount = 120;
    const kills = new Set([20, 70]);
    for (let n = 0; n < amount; n += 1) {
      if (kills.delete(n)) kafka.kill();
      await surely(
        topic,
        KEYS.map((key) => record(key, n)),
      );
      if (n % 10 === 0) await reader.consumption.commit(reader.positions()).catch(() => undefined);
    }
    await eventually(() => KEYS.every((key) => seenOf(key, reader).length === amount), { timeoutMs: 60_000 });
    for (const key of KEYS) expect(seenOf(key, reader)).toEqual(Array.from({ length: amount }, (_, n) => n));
    await eventually(
      () =>
        reader.consumption.commit(reader.positions()).then(
          () => true,
          () => false,
        ),
      { timeoutMs: 30_000 },
    );
    await reader.close();
    const successor = await member(log, topic);
    await log.append(topic, [record('a', amount)]);
    await eventually(() => successor.records.length > 0);
    expect(successor.records.map(({ headers }) => headers.n)).toEqual([String(amount)]);
  }, 120_000);

  it('waits at its start for a broker that comes back', async () => {
    const topic = 'late';
    await log.createTopic({ name: topic, partitions: 1, retentionMs: 60_000 });
    kafka.kill();
    const reader = await member(log, topic);
    await surely(topic, [record('a', 1)]);
    await eventually(() => reader.records.length > 0, { timeoutMs: 30_000 });
  }, 60_000);
});
