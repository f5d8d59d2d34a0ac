import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { encodeJsonEvent } from '@ebb/events';
import { backlogOf } from '../outbox/backlog.ts';
import { publishPending } from '../outbox/publish-pending.ts';
import { putTopicAside, takeTopicBack, topicsAside } from '../outbox/put-aside.ts';
import { SHARDS } from '../outbox/shard.ts';
import { trimOutbox } from '../retention/trim-outbox.ts';
import { exampleEvent, serviceDatabase, type ServiceDatabase } from '../service-database.fixture.ts';
import { discardAside } from './discard-aside.ts';
import { countAside, listAside, showAside } from './list-aside.ts';
import { matchingAside, redriveAside } from './redrive-aside.ts';

describe('events that were put aside', () => {
  let service: ServiceDatabase;
  const schema = 'shop';

  beforeAll(async () => {
    service = await serviceDatabase(schema);
  });
  beforeEach(() => service.rows('truncate outbox restart identity'));
  afterAll(() => service.close());

  const emit = (topic: string, overrides = {}): Promise<void> =>
    service.database.transaction((tx) => tx.enqueue([{ event: exampleEvent(overrides), topic }]));
  /** What a relay does whose log takes nothing of this, or all of it. */
  const relay = async (doesLogTake: boolean): Promise<void> => {
    for (let shard = 0; shard < SHARDS; shard += 1) {
      await publishPending(service.outside, {
        ...{ schema, shard, limit: 100 },
        publish: (events) =>
          Promise.resolve(
            doesLogTake
              ? { published: events, refused: [] }
              : {
                  published: [],
                  refused: events.map((event) => ({ event, reason: 'too-large', error: new Error('at most 1 MiB') })),
                },
          ),
      });
    }
  };
  const states = async (closed = true): Promise<string[]> =>
    (await listAside(service.outside, schema, { limit: 10, closed })).map(
      ({ id, reason, state }) => `${id} ${reason} ${state}`,
    );

  it('are listed with their reason, the newest first, by what they are', async () => {
    await emit('things', { partitionkey: 'k-1', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` });
    await relay(false);
    await emit('nowhere', { type: 'dev.ebb.shop.thing.lost.v1' });
    await putTopicAside(service.outside, schema, 'nowhere');
    await emit('things');
    expect(await states()).toEqual(['2 no-topic waiting', '1 too-large waiting']);
    const ids = async (filter: object) =>
      (await listAside(service.outside, schema, { limit: 10, ...filter })).map(({ id }) => id);
    expect(await ids({ reason: 'too-large' })).toEqual(['1']);
    expect(await ids({ type: 'dev.ebb.shop.thing.lost.*' })).toEqual(['2']);
    expect(await ids({ key: 'k-1' })).toEqual(['1']);
    expect(await ids({ since: new Date(Date.now() + 60_000) })).toEqual([]);
    expect(await ids({ fn: 'sell-thing' })).toEqual([]);
    const [newest] = await listAside(service.outside, schema, { limit: 1 });
    const after = { parkedAt: newest!.parkedAt, id: newest!.id };
    expect(await ids({ after })).toEqual(['1']);
    expect(await countAside(service.outside, schema)).toEqual({
      waiting: { 'too-large': 1, 'no-topic': 1 },
      onTheirWay: 0,
      redrivable: 1,
    });
    expect(await showAside(service.outside, schema, '1')).toMatchObject({
      ...{ fn: 'things', error: 'at most 1 MiB', key: 'k-1', attempts: 1, redrives: 0, headers: {} },
      ...{ traceId: 'a'.repeat(32), event: { data: expect.anything() as unknown } },
    });
    expect(await showAside(service.outside, schema, '3')).toBeUndefined();
  });

  it('are published when they are sent again, if the log takes them by now', async () => {
    await emit('things');
    await relay(false);
    expect(await matchingAside(service.outside, schema, {}, '0', 10)).toEqual(['1']);
    const again = (options = {}) => redriveAside(service.outside, schema, '1', options);
    expect(await again()).toEqual({ id: '1', outcome: 'redriven', redrives: 1 });
    expect(await states(false)).toEqual(['1 too-large on-its-way']);
    expect(await again()).toMatchObject({ outcome: 'pending' });
    expect(await discardAside(service.outside, schema, '1', 'no')).toEqual({ id: '1', outcome: 'pending' });
    expect(await countAside(service.outside, schema)).toEqual({ waiting: {}, onTheirWay: 1, redrivable: 0 });
    await relay(false);
    expect(await showAside(service.outside, schema, '1')).toMatchObject({ state: 'waiting', redrives: 1, attempts: 2 });
    expect(await again()).toMatchObject({ outcome: 'redriven' });
    await relay(true);
    expect([await states(false), await states()]).toEqual([[], ['1 too-large done']]);
    expect(await again({ force: true })).toMatchObject({ outcome: 'closed' });
    expect(await redriveAside(service.outside, schema, '99')).toMatchObject({ outcome: 'not-found' });
  });

  it('are not sent again for ever', async () => {
    await emit('things');
    await relay(false);
    for (let nth = 0; nth < 5; nth += 1) {
      expect(await redriveAside(service.outside, schema, '1')).toMatchObject({ outcome: 'redriven' });
      await relay(false);
    }
    expect(await redriveAside(service.outside, schema, '1')).toMatchObject({ outcome: 'loop-guard', redrives: 5 });
    expect(await countAside(service.outside, schema)).toMatchObject({ redrivable: 0 });
    expect(await redriveAside(service.outside, schema, '1', { force: true })).toMatchObject({ outcome: 'redriven' });
  });

  it('go on by themselves when they only lack a topic', async () => {
    await emit('nowhere');
    await putTopicAside(service.outside, schema, 'nowhere');
    expect(await redriveAside(service.outside, schema, '1', { force: true })).toMatchObject({ outcome: 'no-topic' });
    await takeTopicBack(service.outside, schema, 'nowhere');
    expect(await states(false)).toEqual(['1 no-topic on-its-way']);
  });

  it('never come back once they are discarded, and are forgotten with what was published', async () => {
    await emit('nowhere');
    await emit('things');
    await putTopicAside(service.outside, schema, 'nowhere');
    await relay(false);
    expect(await discardAside(service.outside, schema, '1', 'a test')).toEqual({ id: '1', outcome: 'discarded' });
    expect(await discardAside(service.outside, schema, '1', 'a test')).toEqual({ id: '1', outcome: 'closed' });
    expect(await discardAside(service.outside, schema, '99', 'a test')).toEqual({ id: '99', outcome: 'not-found' });
    expect(await redriveAside(service.outside, schema, '1')).toMatchObject({ outcome: 'closed' });
    expect(await topicsAside(service.outside, schema)).toEqual([]);
    expect(await takeTopicBack(service.outside, schema, 'nowhere')).toBe(0);
    expect(await backlogOf(service.outside, schema)).toMatchObject({ pending: 0, putAside: 1 });
    expect([await states(false), await states()]).toEqual([
      ['2 too-large waiting'],
      ['2 too-large waiting', '1 no-topic discarded'],
    ]);
    expect(await showAside(service.outside, schema, '1')).toMatchObject({
      note: 'a test',
      closedAt: expect.any(Date) as unknown,
    });
    expect(await trimOutbox(service.outside, schema)).toBe(0);
    expect(await trimOutbox(service.outside, schema, { retentionMs: -1 })).toBe(1);
    expect(await states()).toEqual(['2 too-large waiting']);
  });

  it('may be anything that no log takes', async () => {
    const rest = { ...(JSON.parse(encodeJsonEvent(exampleEvent())) as object), id: undefined };
    await service.rows(`insert into outbox (shard, topic, event) values (0, 'things', $1), (0, 'things', '[]')`, [
      rest,
    ]);
    await service.rows(`update outbox set put_aside = 'undecodable'`);
    expect(await states()).toEqual(['2 undecodable waiting', '1 undecodable waiting']);
    expect(await showAside(service.outside, schema, '1')).toMatchObject({
      eventId: '',
      source: exampleEvent().source,
      error: '',
    });
    expect(await showAside(service.outside, schema, '2')).toMatchObject({ eventId: '', type: '' });
  });
});
