import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { migrateLog, openPostgresLog, type EventLog } from '@ebb/event-log';
import { testDatabase, type TestDatabase } from './database.fixture.ts';
import { openDeadLetterStore, type DeadLetterStore } from './dead-letter-store.ts';
import { broker, delivery, startEventing, trigger, type TestEventing } from './eventing.fixture.ts';
import { startSubscriber, type SeenRequest, type TestAnswer, type TestSubscriber } from './subscriber.fixture.ts';
import { until } from './until.fixture.ts';

const KEYS = ['a', 'b', 'c', 'd', 'e'];
let database: TestDatabase;
let deadLetters: DeadLetterStore;
let log: EventLog;
let test: TestEventing;
let subscriber: TestSubscriber;
let answer: (request: SeenRequest) => TestAnswer | Promise<TestAnswer>;
let serial = 0;
let topic = '';

beforeAll(async () => {
  database = await testDatabase();
  await migrateLog(database.url);
  deadLetters = await openDeadLetterStore(database);
});
afterAll(async () => {
  await deadLetters.close();
  await database.drop();
});
beforeEach(async () => {
  topic = `orders-${(serial += 1)}`;
  answer = () => ({ status: 204 });
  subscriber = await startSubscriber((request) => answer(request));
  await begin();
});
afterEach(async () => {
  await end();
  await subscriber.close();
});

const group = () => `knative-trigger-default-${topic}`;
const begin = async (over: (real: EventLog) => EventLog = (real) => real) => {
  log = await openPostgresLog({ url: database.url });
  test = await startEventing(over(log), { deadLetters, stopTimeoutMs: 200 });
  await test.eventing.apply({ ...broker('orders', { 'kafka.eventing.knative.dev/external.topic': topic }) });
};
const end = async () => {
  await test.stop();
  await log.close();
};
const subscribe = (options: Parameters<typeof trigger>[1] = {}) =>
  test.eventing.apply(trigger(subscriber.url, { name: topic, ...options }));
const status = () => test.eventing.triggers()[0]!;
const publishAll = async (perKey: number) => {
  for (let n = 0; n < perKey; n += 1) {
    await Promise.all(KEYS.map((key) => test.publish(`${key}-${n}`, { 'ce-partitionkey': key })));
  }
};
const firstOf = (key: string) => [...new Set(subscriber.ids().filter((id) => id.startsWith(`${key}-`)))];
const inOrder = (key: string, count: number) => Array.from({ length: count }, (_, n) => `${key}-${n}`);

describe('eventing on PostgreSQL', () => {
  it('delivers what was posted in binary and in structured mode, with the same bytes', async () => {
    await subscribe();
    const event = {
      specversion: '1.0',
      id: 's-1',
      source: '/s',
      type: 't',
      subject: 'é',
      data: { price: 1.5, name: 'ü' },
    };
    const structured = await fetch(`${test.url}/broker/default/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
      body: JSON.stringify(event),
    });
    expect(structured.status).toBe(202);
    expect(await test.publish('b-1', {}, '{"n": 1.0, "big": 12345678901234567890}')).toBe(202);
    await until('both are delivered', () => subscriber.seen.length === 2);
    const byId = Object.fromEntries(subscriber.seen.map((request) => [String(request.headers['ce-id']), request.body]));
    expect(byId).toEqual({ 's-1': '{"price":1.5,"name":"ü"}', 'b-1': '{"n": 1.0, "big": 12345678901234567890}' });
  });

  it('keeps the order per key through failures, each event once', async () => {
    const failed = new Set<unknown>();
    answer = ({ headers }) => {
      if (!String(headers['ce-id']).endsWith('3') || failed.has(headers['ce-id'])) return { status: 204 };
      failed.add(headers['ce-id']);
      return { status: 503 };
    };
    await subscribe({ ordered: true, delivery: delivery(3) });
    await publishAll(8);
    await until('all are delivered', () => status().delivered === 40 && status().lag === 0);
    for (const key of KEYS) expect(firstOf(key)).toEqual(inOrder(key, 8));
    expect(subscriber.seen).toHaveLength(45);
  });

  it('goes on after a clean stop without doubling', async () => {
    await subscribe();
    await publishAll(2);
    await until('all are delivered', () => status().delivered === 10);
    await end();
    await begin();
    await subscribe();
    await publishAll(1);
    await until('the rest is delivered', () => subscriber.seen.length >= 15);
    await until('all is finished', () => status().lag === 0);
    expect(subscriber.seen).toHaveLength(15);
  });

  it.each([true, false])('loses nothing when it dies before it commits (ordered: %s)', async (ordered) => {
    await end();
    // A runtime that is killed has committed its start, and nothing since.
    await begin((real) => {
      const consume: EventLog['consume'] = async (options) => ({
        ...(await real.consume(options)),
        commit: () => Promise.reject(new Error('killed')),
      });
      return new Proxy(real, { get: (of, name): unknown => (name === 'consume' ? consume : bound(of, name)) });
    });
    await subscribe({ ordered });
    await publishAll(4);
    await until('some are delivered', () => subscriber.seen.length >= 10);
    await end();
    await begin();
    const before = subscriber.seen.length;
    await subscribe({ ordered });
    await until('all are finished', () => status().lag === 0 && status().delivered === 20);
    expect(subscriber.seen.length).toBe(before + 20);
    for (const key of KEYS) expect(firstOf(key).sort()).toEqual(inOrder(key, 4));
    if (ordered) for (const key of KEYS) expect(firstOf(key)).toEqual(inOrder(key, 4));
  });

  it('delivers again what a stop cut off', async () => {
    let stuck = true;
    answer = () => (stuck ? new Promise<TestAnswer>(() => undefined) : { status: 204 });
    await subscribe();
    await publishAll(1);
    await until('all are under way', () => status().inFlight === 5);
    await end();
    stuck = false;
    await begin();
    await subscribe();
    await until('all are delivered', () => status().delivered === 5);
  });

  it('keeps what cannot be delivered where a person sees it', async () => {
    answer = () => ({ status: 422, body: 'never', headers: { 'kne-reason': 'bad' } });
    await subscribe({ delivery: delivery(1) });
    await test.publish('lost-1', { 'ce-partitionkey': 'k' });
    await until('it is given up', () => status().lost === 1 && status().lag === 0);
    expect(await deadLetters.list({ trigger: topic })).toMatchObject([
      { eventId: 'lost-1', topic, reason: 'no-sink', attributes: { knativeerrorcode: '422', reason: 'bad' } },
    ]);
  });

  it('survives the death of PostgreSQL', async () => {
    await subscribe();
    await test.publish('before');
    await until('it is delivered', () => subscriber.ids().includes('before'));
    database.crash();
    const statuses = new Set<number>();
    await until(
      'the ingress takes events again',
      async () => {
        const code = await test.publish('after');
        statuses.add(code);
        return code === 202;
      },
      20_000,
    );
    expect([...statuses].every((code) => code === 202 || code === 503)).toBe(true);
    await until('it is delivered', () => subscriber.ids().includes('after'), 20_000);
    await until(
      'its offset is committed',
      async () => [...(await log.committed(group(), topic)).values()].some((offset) => offset > 0n),
      20_000,
    );
  });

  it('takes fifty posts of one event at once', async () => {
    await subscribe();
    const statuses = await Promise.all(
      Array.from({ length: 50 }, () => test.publish('same', { 'ce-partitionkey': 'k' })),
    );
    expect(new Set(statuses)).toEqual(new Set([202]));
    await until('all are delivered: the inbox of the function is what makes them one', () => status().delivered === 50);
  });
});

function bound(target: EventLog, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? (value.bind(target) as unknown) : value;
}
