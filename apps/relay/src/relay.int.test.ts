import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RetryableError, Secret, systemClock } from '@ebb/core';
import type { StoredRecord } from '@ebb/event-log';
import { fromRecord, payloadSha, REDELIVERY_TOPIC } from '@ebb/events';
import { eventually } from '@ebb/test-database';
import { openDatabase, shardOf } from '@ebb/postgres';
import { migrate } from '@ebb/postgres/migrate';
import { proxyTo } from './proxy.fixture.ts';
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

  it('loses nothing when two of them are cut off between publishing and marking, and what they repeat takes effect once, in order', async () => {
    await test.database.db`create table effect (key text, n int, nth int generated always as identity)`;
    test.start();
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
        ({ db }) => db`insert into effect (key, n) values (${partitionkey}, ${(data as { n: number }).n})`,
      );
      expect(['done', 'duplicate']).toContain(result.outcome);
    }
    const effects = await test.database.db`
      select key, array_agg(n order by nth) as numbers from effect group by key order by key`;
    expect(effects).toEqual([...KEYS].sort().map((key) => ({ key, numbers: inOrder })));
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

  it('publishes timers when they are due, and not at its next look', async () => {
    test.start({ POLL_MIN: 10_000, POLL_MAX: 10_000 });
    // Repeated, since the relay may not listen yet.
    await eventually(async () => {
      await emit('thing-0', 0);
      return (await test.records()).length > 0;
    });
    const from = performance.now();
    await test.database.transaction(async (tx) => {
      await tx.schedule({ name: 'soon', afterMs: 300, event: thing('thing-1', 1), topic: TOPIC });
      await tx.schedule({ name: 'later', afterMs: 600_000, event: thing('thing-1', 2), topic: TOPIC });
    });
    await eventually(async () => numbersOf(await test.records(), 'thing-1').length > 0);
    expect(performance.now() - from).toBeGreaterThanOrEqual(300);
    expect(numbersOf(await test.records(), 'thing-1')).toEqual([1]);
  });

  it('tells what it did, and what waits', async () => {
    const relay = test.start();
    await emit('thing-1', 1);
    await eventually(async () => (await test.records()).length === 1);
    await test.database.transaction((tx) =>
      tx.schedule({ name: 'later', afterMs: 600_000, event: thing('thing-1', 2), topic: TOPIC }),
    );
    expect((await relay.metrics()).split('\n')).toEqual(
      expect.arrayContaining([
        'ebb_relay_published_total{topic="things"} 1',
        'ebb_outbox_pending{schema="shop"} 0',
        'ebb_outbox_lag_seconds{schema="shop"} 0',
        'ebb_outbox_put_aside{schema="shop"} 0',
        'ebb_timers{schema="shop"} 1',
      ]),
    );
  });

  it('refuses to start where deliveries are forgotten too early, and looks only at the topics that matter', async () => {
    await test.log.createTopic({ name: 'audit', partitions: 1, retentionMs: 30 * 86_400_000 });
    await expect(test.start().ended).rejects.toThrow(
      'INBOX_RETENTION is 1d, but topic "audit" keeps its events for 30d',
    );
    await test.start({ TOPICS: [TOPIC] }).ready;
  });

  it('starts beside a topic that keeps its events for ever, on the promise that nobody has them read again', async () => {
    await test.log.createTopic({ name: 'audit', partitions: 1, retentionMs: Infinity });
    await expect(test.start().ended).rejects.toThrow('topic "audit" keeps its events for ever');
    await test.start({ REPLAY_WINDOW: 86_400_000 }).ready;
  });

  it('puts aside what no log takes, and goes on with what is behind it', async () => {
    const relay = test.start();
    await relay.ready;
    const write = (event: object): Promise<unknown> =>
      test.database.db`insert into outbox (shard, partition_key, topic, event)
        values (${shardOf('thing-1')}, 'thing-1', ${TOPIC}, ${JSON.stringify(event)})`;
    await write({ ...thing('thing-1', 1), data: 'x'.repeat(1_100_000) });
    await write({ n: 2 });
    await emit('thing-1', 3);
    await eventually(async () => (await test.records()).length === 1);
    expect(numbersOf(await test.records(), 'thing-1')).toEqual([3]);
    const aside = await test.database.db`select put_aside, error from outbox where put_aside is not null order by id`;
    expect(aside).toEqual([
      { put_aside: 'too-large', error: expect.stringContaining('at most 1047552 are carried') },
      { put_aside: 'undecodable', error: expect.stringContaining('specversion is missing') },
    ]);
  });

  it('lets events pile up while the log is away, says so, and goes on by itself', async () => {
    const way = await proxyTo(test.url);
    try {
      const relay = test.start({ EVENT_LOG_URL: new Secret(way.url) });
      await relay.ready;
      await emit('thing-1', 0);
      await eventually(async () => (await test.records()).length === 1);
      way.cut();
      for (let n = 1; n < 20; n += 1) await emit('thing-1', n);
      await eventually(() => !relay.isReady());
      expect(relay.whyNot()).toMatch(/^log: ./);
      way.mend();
      await eventually(async () => (await test.records()).length >= 20, PATIENT);
      await eventually(() => relay.isReady());
      const numbers = [...new Set(numbersOf(await test.records(), 'thing-1'))];
      expect(numbers).toEqual(Array.from({ length: 20 }, (_, n) => n));
    } finally {
      // Its connections would keep the relay from ending.
      await test.stop();
      await way.close();
    }
  });

  it('says that an outbox cannot be read, and goes on by itself', async () => {
    const way = await proxyTo(test.url);
    try {
      const relay = test.start({ DATABASE_URL: new Secret(way.url) });
      await relay.ready;
      way.cut();
      await eventually(() => !relay.isReady());
      expect(relay.whyNot()).toMatch(/^outbox of "shop": ./);
      await emit('thing-1', 1);
      way.mend();
      await eventually(() => relay.isReady(), PATIENT);
      await eventually(async () => (await test.records()).length === 1);
    } finally {
      await test.stop();
      await way.close();
    }
  });

  it('notices that notifications do not come through, and looks more often', async () => {
    const way = await proxyTo(test.url);
    way.deafen();
    try {
      const relay = test.start({ DATABASE_URL: new Secret(way.url), POLL_MIN: 100, POLL_MAX: 60_000 });
      await eventually(async () => (await relay.metrics()).includes('ebb_relay_deaf 1'));
      await emit('thing-1', 1);
      await eventually(async () => (await test.records()).length === 1);
    } finally {
      await test.stop();
      await way.close();
    }
    const hearing = test.start();
    await eventually(async () => (await hearing.metrics()).includes('ebb_relay_deaf 0'));
  });

  it('sends on what was parked until its time', async () => {
    const relay = test.start();
    await relay.ready;
    const event = thing('thing-1', 1);
    const delivery = {
      fn: 'sell',
      source: event.source,
      id: event.id,
      payloadSha: '',
      event: { event, payload: undefined },
    };
    const result = await test.database.deliver({ ...delivery, retryBudget: 3 }, () =>
      Promise.reject(new RetryableError('busy', { after: '10m' })),
    );
    expect(result).toEqual({ outcome: 'parked', reason: 'delayed' });
    await test.database.db`update parked set available_at = now() + interval '100 ms'`;
    await test.log.createTopic({ name: REDELIVERY_TOPIC, partitions: 3, retentionMs: 86_400_000 });
    const [record] = await eventually(async () => {
      const records = await test.records(REDELIVERY_TOPIC);
      return records.length > 0 && records;
    });
    expect(fromRecord(record!).event).toMatchObject({ id: event.id, ebbtarget: 'shop/sell' });
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
