import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret, systemClock } from '@ebb/core';
import type { StoredRecord } from '@ebb/event-log';
import { fromRecord, payloadSha } from '@ebb/events';
import { eventually } from '@ebb/test-database';
import { openDatabase } from '@ebb/postgres';
import { migrate } from '@ebb/postgres/migrate';
import { relayTest, thing, TOPIC, type RelayTest } from './relay.fixture.ts';

const KEYS = Array.from({ length: 12 }, (_, n) => `thing-${n}`);
const PER_KEY = 25;
/** Many commits on a busy machine. */
const PATIENT = { timeoutMs: 20_000 };

describe('the relay', () => {
  let test: RelayTest;

  beforeEach(async () => {
    test = await relayTest();
  });
  afterEach(() => test.close());

  const emit = (key: string, n: number, topic = TOPIC): Promise<void> =>
    test.database.transaction((tx) => tx.enqueue([{ event: thing(key, n), topic }]));
  /** Each key in order, all keys at once. */
  const emitAll = (): Promise<unknown> =>
    Promise.all(
      KEYS.map(async (key) => {
        for (let n = 0; n < PER_KEY; n += 1) await emit(key, n);
      }),
    );
  /** What a restart of PostgreSQL looks like, at random moments of a batch. */
  const cutAgainAndAgain = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await test.database
        .db`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ebb-relay'`;
      await systemClock.sleep(15, signal).catch(() => undefined);
    }
  };
  const numbersOf = (records: readonly StoredRecord[], key: string): readonly number[] =>
    records.filter((record) => record.key === key).map((record) => (fromRecord(record).event.data as { n: number }).n);
  const inOrder = Array.from({ length: PER_KEY }, (_, n) => n);

  it('publishes what a service committed, as a hop of the trace that the event was emitted in', async () => {
    const relay = test.start({ POLL_MIN: 10_000, POLL_MAX: 10_000 });
    await relay.ready;
    const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
    const traceparent = `00-${traceId}-${spanId}-01`;
    const event = thing('thing-1', 1, { traceparent });
    // Repeated, since the relay may not listen yet; then the wake-up comes long before the next look.
    const [record] = await eventually(async () => {
      await test.database.transaction((tx) => tx.enqueue([{ event, topic: TOPIC }]));
      const records = await test.records();
      return records.length > 0 && records;
    });
    expect(fromRecord(record!).event).toMatchObject({ ...event, traceparent });
    const [span] = await relay.spans();
    expect(span).toMatchObject({ name: `publish ${TOPIC}`, parentSpanContext: { traceId, spanId } });
    expect(record?.headers.traceparent).toBe(`00-${traceId}-${span!.spanContext().spanId}-01`);
  });

  it('keeps the order of each key, and publishes once, when two of them work', async () => {
    const relays = [test.start(), test.start()];
    await Promise.all(relays.map(({ ready }) => ready));
    await emitAll();
    const records = await eventually(async () => {
      const all = await test.records();
      return all.length >= KEYS.length * PER_KEY && all;
    }, PATIENT);
    for (const key of KEYS) expect(numbersOf(records, key)).toEqual(inOrder);
  });

  it('loses nothing when it is cut off in the middle, and what it repeats takes effect once', async () => {
    await test.database.db`create table effect (key text, n int)`;
    test.start();
    const cutting = new AbortController();
    const cut = cutAgainAndAgain(cutting.signal);
    await emitAll();
    cutting.abort();
    await cut;
    await eventually(async () => {
      const [row] = await test.database.db<{ n: number }>`
        select count(*)::int as n from outbox where published_at is null`;
      return row?.n === 0;
    }, PATIENT);
    for (const record of await test.records()) {
      const decoded = fromRecord(record);
      const { source, id, data, partitionkey } = decoded.event;
      const result = await test.database.deliver(
        { fn: 'count', source, id, payloadSha: payloadSha(decoded), event: decoded, retryBudget: 3 },
        ({ db }) => db`insert into effect values (${partitionkey}, ${(data as { n: number }).n})`,
      );
      expect(['done', 'duplicate']).toContain(result.outcome);
    }
    const effects = await test.database.db`
      select key, count(*)::int as effects, count(distinct n)::int as events from effect group by key order by key`;
    expect(effects).toEqual([...KEYS].sort().map((key) => ({ key, effects: PER_KEY, events: PER_KEY })));
  });

  it('leaves the events of a topic that does not exist waiting, and no others', async () => {
    const relay = test.start();
    await relay.ready;
    await emit('thing-1', 1, 'nowhere');
    await emit('thing-1', 2);
    await eventually(async () => (await test.records()).length === 1);
    expect(numbersOf(await test.records(), 'thing-1')).toEqual([2]);
    await test.log.createTopic({ name: 'nowhere', partitions: 3, retentionMs: 86_400_000 });
    await eventually(async () => (await test.records('nowhere')).length === 1);
    expect(await test.records()).toHaveLength(1);
  });

  it('waits for a schema that is not there yet, and publishes the others meanwhile', async () => {
    const relay = test.start({ OUTBOX_SCHEMAS: ['shop', 'later'] });
    await emit('thing-1', 1);
    await eventually(async () => (await test.records()).length === 1);
    expect(relay.isReady()).toBe(false);
    await migrate({ url: test.url, schema: 'later' });
    const later = openDatabase({ url: new Secret(test.url), schema: 'later' });
    await later.transaction((tx) => tx.enqueue([{ event: thing('thing-2', 2), topic: TOPIC }]));
    await later.close();
    await eventually(async () => (await test.records()).length === 2, PATIENT);
    await relay.ready;
  });

  it('waits for a database that is away, and stops when it is told to', async () => {
    const url = new URL(test.url);
    url.port = '1';
    const withoutDatabase = test.start({ DATABASE_URL: new Secret(url.href) });
    const withoutLog = test.start({ EVENT_LOG_URL: new Secret(url.href) });
    const whole = test.start();
    await whole.ready;
    expect([withoutDatabase.isReady(), withoutLog.isReady()]).toEqual([false, false]);
    await Promise.all([withoutDatabase.stop(), withoutLog.stop()]);
  });
});
