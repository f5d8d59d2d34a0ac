import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CatalogueEntry } from '@ebb/catalogue';
import { HttpProblem, newId } from '@ebb/core';
import { toRecord, type CloudEvent, type DecodedEvent } from '@ebb/events';
import { migrate } from '@ebb/postgres/migrate';
import pg from 'pg';
import { testDatabase, type TestDatabase } from '../eventing/database.fixture.ts';
import { openDeadLetterStore, type DeadLetter, type DeadLetterStore } from '../eventing/dead-letter-store.ts';
import { DeadLetters } from './dead-letters.ts';
import { outboxKeeper } from './outbox-keeper.ts';
import { PlatformKeeper } from './platform-keeper.ts';
import { routedLetters } from './routed-letters.ts';
import { serviceKeeper } from './service-keeper.ts';

const entryOf = (name: string, hasDatabase: boolean): CatalogueEntry =>
  ({
    name,
    functions: [{ name: 'work' }],
    ...(hasDatabase && { database: { schema: name, migrations: true } }),
  }) as unknown as CatalogueEntry;

let database: TestDatabase;
let pool: pg.Pool;
let store: DeadLetterStore;
let letters: DeadLetters;
/** What the receiver of a letter of the platform says; undefined: it takes it. */
let refusal: string | undefined;
const delivered: DecodedEvent[] = [];
let offset = 0n;

beforeAll(async () => {
  database = await testDatabase();
  for (const schema of ['alpha', 'beta']) await migrate({ url: database.url, schema });
  store = await openDeadLetterStore(database);
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  // A pool has ended before its connections have: the server may be stopped under them.
  pool.on('error', () => undefined);
  const platform = new PlatformKeeper(pool, (_url, event) => {
    delivered.push(event);
    return Promise.resolve(refusal);
  });
  const keepers = [
    ...['alpha', 'beta'].flatMap((name) => [serviceKeeper(pool, name, name), outboxKeeper(pool, name, name)]),
    platform,
  ];
  letters = new DeadLetters(
    () => keepers,
    () => Promise.resolve(),
    () => ['alpha/other'],
  );
});
afterAll(async () => {
  await Promise.all([store.close(), pool.end()]);
  await database.drop();
});

/** A broker gives up on an event for a function of the service. */
async function giveUp(service: string, changes: Partial<CloudEvent> = {}): Promise<string> {
  const event: CloudEvent = {
    ...{ specversion: '1.0', id: newId(), source: '/s', type: 'dev.ebb.test.thing.v1', partitionkey: 'k' },
    ...{ datacontenttype: 'application/json', data: { n: 1 }, ...changes },
  };
  offset += 1n;
  const { headers, value } = toRecord(event);
  const letter: DeadLetter = {
    ...{ namespace: 'default', trigger: `${service}-work`, topic: 't', partition: 0, offset, headers, value },
    ...{ eventId: event.id, eventType: event.type, reason: 'no-sink' },
    attributes: {
      knativeerrordest: `http://${service}.default.svc.cluster.local/functions/work`,
      knativeerrorcode: '503',
    },
  };
  const entries = [entryOf('alpha', true), entryOf('beta', true), entryOf('gamma', false)];
  await routedLetters(store, pool, () => entries).add(letter);
  return event.id;
}

async function cameAt(eventId: string, at: Date): Promise<void> {
  for (const table of ['alpha.parked', 'beta.parked']) {
    await pool.query(`update ${table} set parked_at = $2 where event_id = $1`, [eventId, at]);
  }
  await pool.query('update ebb_log.dead_letter set created_at = $2 where event_id = $1', [eventId, at]);
}

const problem = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no problem',
    (error: unknown) => (error instanceof HttpProblem ? [error.problem.status, error.message] : error),
  );

describe('what did not take effect', () => {
  it('is one list, page by page, whoever keeps it', async () => {
    for (const [nth, service] of ['alpha', 'gamma', 'beta', 'alpha', 'elsewhere', 'beta'].entries()) {
      await cameAt(await giveUp(service), new Date(Date.UTC(2026, 0, 1, 0, 0, nth)));
    }
    const { items, next } = await letters.list({}, { limit: 10 });
    expect(next).toBeUndefined();
    expect(items.map(({ id, target }) => `${id} ${target}`)).toEqual([
      'beta:2 beta/work',
      'platform:2 elsewhere/work',
      'alpha:2 alpha/work',
      'beta:1 beta/work',
      'platform:1 gamma/work',
      'alpha:1 alpha/work',
    ]);
    expect(items[0]).toMatchObject({
      reason: 'dead-letter',
      state: 'waiting',
      key: 'k',
      type: 'dev.ebb.test.thing.v1',
    });
    const pages: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await letters.list({}, { limit: 1, ...(cursor !== undefined && { cursor }) });
      pages.push(...page.items.map(({ id }) => id));
      cursor = page.next;
      if (cursor === undefined) break;
    }
    expect(pages).toEqual(items.map(({ id }) => id));
  });

  it('keeps its pages apart also where everything came at one moment', async () => {
    for (const table of ['alpha.parked', 'beta.parked'])
      await pool.query(`update ${table} set parked_at = '2026-01-01'`);
    await pool.query(`update ebb_log.dead_letter set created_at = '2026-01-01'`);
    const pages: string[] = [];
    for (let cursor: string | undefined; pages.length < 20;) {
      const page = await letters.list({}, { limit: 2, ...(cursor !== undefined && { cursor }) });
      pages.push(...page.items.map(({ id }) => id));
      cursor = page.next;
      if (cursor === undefined) break;
    }
    expect(pages).toEqual(['platform:2', 'platform:1', 'beta:2', 'beta:1', 'alpha:2', 'alpha:1']);
  });

  it('is found by what it is', async () => {
    const ids = async (filter: Parameters<DeadLetters['list']>[0]) =>
      (await letters.list(filter, {})).items.map(({ id }) => id);
    expect(await ids({ function: 'alpha/work' })).toEqual(['alpha:2', 'alpha:1']);
    expect(await ids({ function: 'work' })).toHaveLength(6);
    expect(await ids({ function: 'other' })).toEqual([]);
    expect(await ids({ service: 'platform' })).toEqual(['platform:2', 'platform:1']);
    expect(await ids({ type: 'dev.ebb.*', key: 'k', reason: 'dead-letter' })).toHaveLength(6);
    expect(await ids({ reason: 'terminal' })).toEqual([]);
    expect(await ids({ since: '2026-01-02T00:00:00Z' })).toEqual([]);
    expect(await ids({ until: '2026-01-02T00:00:00Z', since: '2025-12-31T00:00:00Z' })).toHaveLength(6);
    expect(await letters.count({})).toEqual({ waiting: { 'dead-letter': 6 }, onTheirWay: 0, redrivable: 6 });
    // No service has "work" any more, and yet something of it is left; nothing is of what was never there.
    const nowhere = 'no function "something-else" (there are: alpha/other)';
    expect(await problem(letters.list({ function: 'something-else' }, {}))).toEqual([404, nowhere]);
    const mistyped = 'no function "ohter" (did you mean other?)';
    expect(await problem(letters.count({ function: 'ohter' }))).toEqual([404, mistyped]);
    expect(await problem(letters.redriveNext({ function: 'ohter' }))).toEqual([404, mistyped]);
    expect(await problem(letters.list({ service: 'nobody' }, {}))).toMatchObject([404, expect.any(String)]);
    expect(await problem(letters.list({}, { cursor: 'x' }))).toMatchObject([400, expect.any(String)]);
  });

  it('goes again to the one function, or straight to where it failed', async () => {
    expect(await letters.redrive('alpha:1', false)).toEqual({ id: 'alpha:1', outcome: 'redriven', redrives: 1 });
    expect(await problem(letters.redrive('alpha:1', false))).toMatchObject([409, expect.stringContaining('--force')]);
    const { rows } = await pool.query<{ target: string }>(`select event ->> 'ebbtarget' as target from alpha.outbox`);
    expect(rows).toEqual([{ target: 'alpha/work' }]);

    refusal = 'answered 503';
    expect(await problem(letters.redrive('platform:1', false))).toEqual([
      502,
      'platform:1: it failed again: answered 503',
    ]);
    expect(await letters.show('platform:1')).toMatchObject({ state: 'waiting', redrives: 1, error: 'answered 503' });
    refusal = undefined;
    expect(await letters.redrive('platform:1', false)).toMatchObject({ outcome: 'done', redrives: 2 });
    expect(await letters.show('platform:1')).toMatchObject({ state: 'done' });
    expect(await problem(letters.redrive('platform:1', true))).toMatchObject([
      409,
      expect.stringContaining('it is over'),
    ]);
    expect(delivered.at(-1)?.event).toMatchObject({ type: 'dev.ebb.test.thing.v1', data: { n: 1 } });
  });

  it('goes again, many at once, from where the last batch ended', async () => {
    const first = await letters.redriveNext({ limit: 3 });
    expect(first.results.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      'alpha:1 on-its-way',
      'alpha:2 redriven',
      'beta:1 redriven',
    ]);
    expect(first.next).toBe('beta:1');
    const rest = await letters.redriveNext({ limit: 3, after: 'beta:1' });
    expect(rest.results.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual(['beta:2 redriven', 'platform:2 done']);
    expect(rest.next).toBeUndefined();
  });

  it('may be edited and discarded at the platform, too', async () => {
    const id = await giveUp('gamma');
    const [letter] = (await letters.list({ service: 'platform' }, {})).items;
    const name = letter?.id ?? '';
    refusal = 'answered 422';
    expect(await problem(letters.edit(name, { n: 2 }))).toMatchObject([502, expect.any(String)]);
    refusal = undefined;
    expect(await letters.edit(name, { n: 2 }, 'mended')).toMatchObject({ id: name });
    expect(delivered.at(-1)?.event).toMatchObject({ causationid: id, data: { n: 2 } });
    expect(await letters.show(name)).toMatchObject({ state: 'edited', note: 'mended' });
    await giveUp('gamma');
    const [other] = (await letters.list({ service: 'platform' }, {})).items;
    await letters.discard(other?.id ?? '', 'not wanted');
    expect(await problem(letters.discard(other?.id ?? '', 'twice'))).toMatchObject([409, expect.any(String)]);
    expect(await store.count()).toBe(0);
  });

  it('may be waiting in an outbox that cannot get rid of it', async () => {
    await pool.query(
      `insert into beta.outbox (shard, partition_key, topic, event) select 0, 'k', 'things', json_build_object('id', n, 'type', 't')
       from generate_series(1, 3) n`,
    );
    await pool.query(
      `update beta.outbox set put_aside = case when event ->> 'id' = '3' then 'no-topic' else 'too-large' end, error = 'no'
       where topic = 'things'`,
    );
    const listed = async (filter: Parameters<DeadLetters['list']>[0]) =>
      (await letters.list(filter, {})).items.map(({ id, target, reason }) => `${id} ${target} ${reason}`);
    const [lost, second, first] = (await letters.list({ service: 'beta', key: 'k', reason: 'too-large' }, {})).items
      .concat((await letters.list({ service: 'beta', reason: 'no-topic' }, {})).items)
      .map(({ id }) => id)
      .sort()
      .reverse();
    expect(first).toMatch(/^beta\.outbox:\d+$/);
    expect(await listed({ reason: 'no-topic' })).toEqual([`${lost} topic things no-topic`]);
    expect(await listed({ service: 'alpha', reason: 'too-large' })).toEqual([]);
    expect(await listed({ function: 'beta/work', reason: 'too-large' })).toEqual([]);
    expect(await letters.count({ service: 'beta' })).toMatchObject({ waiting: { 'too-large': 2, 'no-topic': 1 } });
    const pages: string[] = [];
    for (let cursor: string | undefined; pages.length < 20;) {
      const page = await letters.list(
        { service: 'beta', closed: true },
        { limit: 1, ...(cursor !== undefined && { cursor }) },
      );
      pages.push(...page.items.map(({ id }) => id));
      cursor = page.next;
      if (cursor === undefined) break;
    }
    expect(pages).toEqual([lost, second, first, 'beta:2', 'beta:1']);

    expect(await letters.redrive(first!, false)).toEqual({ id: first, outcome: 'redriven', redrives: 1 });
    expect(await problem(letters.redrive(first!, true))).toEqual([409, expect.stringContaining('waits for the relay')]);
    expect(await problem(letters.redrive(lost!, false))).toEqual([409, expect.stringContaining('does not exist')]);
    expect(await problem(letters.edit(second!, {}))).toEqual([409, expect.stringContaining('never published')]);
    const { results } = await letters.redriveNext({ service: 'beta', type: 't' });
    expect(results.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([`${second} redriven`, `${lost} no-topic`]);
    await letters.discard(lost!, 'not wanted');
    expect(await letters.show(lost!)).toMatchObject({ state: 'discarded', note: 'not wanted', target: 'topic things' });
    expect(await listed({ reason: 'no-topic', closed: true })).toHaveLength(1);
    await pool.query(`delete from beta.outbox where topic = 'things'`);
  });

  it('is refused with words where there is none', async () => {
    expect(await problem(letters.show('alpha:99'))).toEqual([404, 'alpha:99: there is none with this id']);
    expect(await problem(letters.show('gamma:1'))).toMatchObject([404, expect.stringContaining('no service "gamma"')]);
    expect(await problem(letters.show('17'))).toMatchObject([400, expect.stringContaining('orders:17')]);
  });

  it('is what took effect no more: a letter of an event that is done is not kept', async () => {
    await pool.query(`insert into alpha.inbox (fn, source, event_id, status, payload_sha, expires_at)
      select fn, source, 'done-1', 'done', payload_sha, 'infinity' from alpha.parked where id = 1`);
    await giveUp('alpha', { id: 'done-1' });
    const { items } = await letters.list({ service: 'alpha' }, {});
    expect(items.map(({ eventId }) => eventId)).not.toContain('done-1');
  });
});
