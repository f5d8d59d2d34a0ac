import { randomBytes } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { deferred } from '@ebb/core';
import { eventually } from '@ebb/test-database';
import { exampleEvent, serviceDatabase, type ServiceDatabase } from '../service-database.fixture.ts';
import { backlogOf } from './backlog.ts';
import type { PendingEvent } from './pending-event.ts';
import { publishPending, type PublishResult } from './publish-pending.ts';
import { putTopicAside, takeTopicBack, topicsAside } from './put-aside.ts';
import { SHARDS, shardOf } from './shard.ts';
import { waiting } from './waiting.ts';

const KEY = 'thing-1';
const shard = shardOf(KEY);
const all = (published: readonly PendingEvent[]): PublishResult => ({ published, refused: [] });

describe('the outbox', () => {
  let service: ServiceDatabase | undefined;
  const published: PendingEvent[] = [];

  const use = (): ServiceDatabase => service!;
  beforeEach(async () => {
    published.length = 0;
    await service?.close();
    service = await serviceDatabase();
  });
  afterAll(() => service?.close());

  const enqueue = (...ids: string[]): Promise<void> =>
    use().database.transaction((tx) =>
      tx.enqueue(ids.map((id) => ({ event: exampleEvent({ id, partitionkey: KEY }), topic: 'things' }))),
    );
  const pending = async (): Promise<number> => (await backlogOf(use().outside, 'shop')).pending;
  const lanes = async (skipTopics?: readonly string[]): Promise<readonly number[]> =>
    (await waiting(use().outside, 'shop', skipTopics)).shards;
  const publishNext = (limit = 100): Promise<number> =>
    publishPending(use().outside, {
      schema: 'shop',
      shard,
      limit,
      publish: (events) => {
        published.push(...events);
        return Promise.resolve(all(events));
      },
    });

  /** A backend that was cut off takes a moment to give its lock back. */
  const laneIsFree = (): Promise<boolean> =>
    eventually(async () => {
      const locks = await use().rows(
        `select from pg_locks l join pg_database d on d.oid = l.database
         where l.locktype = 'advisory' and d.datname = current_database()`,
      );
      return locks.length === 0;
    });

  it('publishes events in the order of their transaction, once', async () => {
    await enqueue('a', 'b');
    await enqueue('c');
    expect(await lanes()).toEqual([shard]);
    expect([await publishNext(2), await publishNext(2), await publishNext(2)]).toEqual([2, 1, 0]);
    expect(published.map(({ event, topic }) => `${topic} ${event.id}`)).toEqual(['things a', 'things b', 'things c']);
    expect(await pending()).toBe(0);
  });

  it('gives back the event as it was, binary data among it', async () => {
    const event = exampleEvent({
      partitionkey: KEY,
      datacontenttype: 'application/octet-stream',
      data: Buffer.from([0, 255]),
      odd: 'nul \u0001',
    });
    const text = exampleEvent({ partitionkey: KEY, data: { text: 'nul \u0000, half \ud800, ö', n: 1.5 } });
    await use().database.transaction((tx) =>
      tx.enqueue([
        { event: { ...event, odd: 'ö' }, topic: 'things' },
        { event: text, topic: 'things' },
      ]),
    );
    await publishNext();
    expect(published.map((each) => each.event)).toEqual([{ ...event, odd: 'ö' }, text]);
  });

  it('does not lose the row of a transaction that commits late', async () => {
    const slow = deferred();
    const started = deferred();
    const late = use().database.transaction(async ({ db }) => {
      await db`insert into outbox (shard, partition_key, topic, event)
               values (${shard}, ${KEY}, 'things', ${JSON.stringify(exampleEvent({ id: 'late' }))})`;
      started.resolve();
      await slow.promise;
    });
    await started.promise;
    await enqueue('early');
    expect(await publishNext()).toBe(1);
    slow.resolve();
    await late;
    expect(await publishNext()).toBe(1);
    expect(published.map(({ event }) => event.id)).toEqual(['early', 'late']);
  });

  it('leaves a lane to the relay that has it', async () => {
    await enqueue('a');
    const [holding, go] = [deferred(), deferred()];
    const first = publishPending(use().outside, {
      schema: 'shop',
      shard,
      limit: 10,
      publish: async (events) => {
        holding.resolve();
        await go.promise;
        return all(events);
      },
    });
    await holding.promise;
    expect(await publishNext()).toBe(0);
    go.resolve();
    expect(await first).toBe(1);
    expect(await publishNext()).toBe(0);
  });

  it('publishes again what could not be marked, and keeps what could not be published', async () => {
    await enqueue('a');
    const crashing = publishPending(use().outside, {
      schema: 'shop',
      shard,
      limit: 10,
      publish: async (events) => {
        published.push(...events);
        // The relay is gone between publishing and marking.
        await use().rows(
          `select pg_terminate_backend(pid) from pg_stat_activity where state = 'idle in transaction' and datname = current_database()`,
        );
        return all(events);
      },
    });
    await expect(crashing).rejects.toThrow();
    await laneIsFree();
    const failing = publishPending(use().outside, {
      schema: 'shop',
      shard,
      limit: 10,
      publish: () => Promise.reject(new Error('the log is down')),
    });
    await expect(failing).rejects.toThrow('the log is down');
    await laneIsFree();
    expect(await publishNext()).toBe(1);
    expect(published.map(({ event }) => event.id)).toEqual(['a', 'a']);
  });

  it('marks only what was published, and can pass over a topic', async () => {
    const event = (id: string) => exampleEvent({ id, partitionkey: KEY });
    await use().database.transaction((tx) =>
      tx.enqueue([
        { event: event('a'), topic: 'broken' },
        { event: event('b'), topic: 'things' },
      ]),
    );
    const publishSome = (skipTopics: readonly string[]): Promise<number> =>
      publishPending(use().outside, {
        schema: 'shop',
        shard,
        limit: 10,
        skipTopics,
        publish: (events) => Promise.resolve(all(events.filter(({ topic }) => topic === 'things'))),
      });
    expect(await publishSome([])).toBe(1);
    expect(await pending()).toBe(1);
    expect(await lanes(['broken'])).toEqual([]);
    expect(await publishSome(['broken'])).toBe(0);
    expect(await publishNext()).toBe(1);
    expect(published.map((each) => each.event.id)).toEqual(['a']);
  });

  it('puts aside what can never be published, and goes on with what is behind it', async () => {
    await enqueue('a', 'b', 'c');
    const refusing = (limit: number): Promise<number> =>
      publishPending(use().outside, {
        schema: 'shop',
        shard,
        limit,
        publish: (events) => {
          const [refused, ...published] = events;
          return Promise.resolve({
            published,
            refused: [{ event: refused!, reason: 'too-large', error: new Error('2 MB') }],
          });
        },
      });
    expect([await refusing(2), await publishNext(), await publishNext()]).toEqual([2, 1, 0]);
    expect(published.map(({ event }) => event.id)).toEqual(['c']);
    expect(await backlogOf(use().outside, 'shop')).toMatchObject({ pending: 0, lagMs: 0, putAside: 1 });
    expect(await use().rows('select put_aside, error from outbox where put_aside is not null')).toEqual([
      { put_aside: 'too-large', error: '2 MB' },
    ]);
  });

  it('keeps what waits for a topic out of the way until there is one, in its order', async () => {
    await enqueue('a', 'b');
    expect(await putTopicAside(use().outside, 'shop', 'things')).toBe(2);
    expect([await lanes(), await topicsAside(use().outside, 'shop')]).toEqual([[], ['things']]);
    expect(await takeTopicBack(use().outside, 'shop', 'things')).toBe(2);
    expect([await publishNext(), await topicsAside(use().outside, 'shop')]).toEqual([2, []]);
    expect(published.map(({ event }) => event.id)).toEqual(['a', 'b']);
  });

  it('says what waits, since when, and when the next timer is due', async () => {
    expect(await waiting(use().outside, 'shop')).toEqual({ shards: [], timerInMs: undefined, parkedInMs: undefined });
    const timer = { name: 't', afterMs: 60_000, event: exampleEvent(), topic: 'things' };
    await enqueue('a');
    await use().database.transaction((tx) => tx.schedule(timer));
    await use().rows(`update outbox set created_at = now() - interval '1 minute'`);
    const { shards, timerInMs } = await waiting(use().outside, 'shop');
    expect(shards).toEqual([shard]);
    expect(timerInMs).toBeGreaterThan(30_000);
    expect(timerInMs).toBeLessThanOrEqual(60_000);
    const backlog = await backlogOf(use().outside, 'shop');
    expect(backlog).toMatchObject({ pending: 1, putAside: 0, timers: 1 });
    expect(backlog.lagMs).toBeGreaterThanOrEqual(60_000);
  });

  it('reads no more at once than fits in memory', async () => {
    // Of random bytes, which PostgreSQL cannot compress.
    const large = (id: string) =>
      exampleEvent({ id, partitionkey: KEY, data: randomBytes(500_000).toString('base64') });
    await use().database.transaction((tx) =>
      tx.enqueue(Array.from({ length: 20 }, (_, n) => ({ event: large(String(n)), topic: 'things' }))),
    );
    const first = await publishNext();
    expect(first).toBeGreaterThan(5);
    expect(first).toBeLessThan(20);
    expect(first + (await publishNext())).toBe(20);
  });

  it('spreads keys over its lanes', () => {
    const lanes = new Set(Array.from({ length: 200 }, (_, n) => shardOf(`key-${n}`)));
    expect([...lanes].sort()).toEqual(Array.from({ length: SHARDS }, (_, n) => n));
  });
});
