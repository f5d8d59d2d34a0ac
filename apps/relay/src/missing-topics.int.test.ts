import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '@ebb/core';
import { UnknownTopicError } from '@ebb/event-log';
import { backlogOf, waiting } from '@ebb/postgres';
import pg from 'pg';
import { sortOutMissingTopics } from './missing-topics.ts';
import { relayTest, thing, type RelayTest } from './relay.fixture.ts';
import { TopicHealth } from './topic-health.ts';

describe('topics that are missing', () => {
  let test: RelayTest;
  let pool: pg.Pool;

  beforeEach(async () => {
    test = await relayTest();
    pool = new pg.Pool({ connectionString: test.url, max: 2 });
    // A pool has ended before its connections have: the database may go while they are there.
    pool.on('error', () => undefined);
  });
  afterEach(async () => {
    await pool.end();
    await test.close();
  });

  const emit = (topic: string): Promise<void> =>
    test.database.transaction((tx) => tx.enqueue([{ event: thing('thing-1', 1), topic }]));
  const sortOut = (health: TopicHealth, patienceMs = 0): Promise<void> =>
    sortOutMissingTopics({ pool, schemas: ['shop'], log: test.log, health, logger: silentLogger, patienceMs });
  const figures = async () => {
    const { pending, putAside } = await backlogOf(pool, 'shop');
    return { pending, putAside };
  };

  it('keep what waits for them out of the way, until they are there', async () => {
    const health = new TopicHealth(silentLogger);
    await emit('nowhere');
    await emit('things');
    health.failed('nowhere', new UnknownTopicError('nowhere'));
    await sortOut(health, 60_000);
    expect(await figures()).toEqual({ pending: 2, putAside: 0 });
    await sortOut(health);
    expect(await figures()).toEqual({ pending: 1, putAside: 1 });
    // What comes later waits with the rest, and is not tried.
    await emit('nowhere');
    expect(health.paused()).toEqual(['nowhere']);
    await sortOut(health, 60_000);
    expect(await figures()).toEqual({ pending: 1, putAside: 2 });
    await test.log.createTopic({ name: 'nowhere', partitions: 1, retentionMs: 86_400_000 });
    await sortOut(health);
    expect([await figures(), health.paused()]).toEqual([{ pending: 3, putAside: 0 }, []]);
    expect((await waiting(pool, 'shop')).shards).toHaveLength(1);
  });

  it('are remembered by the relay that comes next', async () => {
    const before = new TopicHealth(silentLogger);
    await emit('nowhere');
    before.failed('nowhere', new UnknownTopicError('nowhere'));
    await sortOut(before);
    const next = new TopicHealth(silentLogger);
    await sortOut(next, 60_000);
    expect([next.paused(), await figures()]).toEqual([['nowhere'], { pending: 0, putAside: 1 }]);
    await test.log.createTopic({ name: 'nowhere', partitions: 1, retentionMs: 86_400_000 });
    await sortOut(next, 60_000);
    expect([next.paused(), await figures()]).toEqual([[], { pending: 1, putAside: 0 }]);
  });
});
