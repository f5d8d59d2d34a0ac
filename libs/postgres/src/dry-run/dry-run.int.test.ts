import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exampleEvent, serviceDatabase, type ServiceDatabase } from '../service-database.fixture.ts';

describe('a dry run', () => {
  let service: ServiceDatabase;

  beforeAll(async () => {
    service = await serviceDatabase();
    await service.rows('create table stock (sku text primary key, held int)');
    await service.rows(`insert into stock values ('a', 1), ('b', 1), ('c', 1)`);
  });
  afterAll(() => service.close());

  const state = () => service.rows('select * from stock order by sku');

  it('tells rows, events and timers, and leaves nothing behind', async () => {
    const before = await state();
    const event = exampleEvent();
    const result = await service.database.dryRun(async ({ db, client, enqueue, schedule, cancel }) => {
      await db`update stock set held = 2 where sku = 'a'`;
      await client.query('savepoint one');
      await db`insert into stock values ('d', 4)`;
      await client.query('release savepoint one');
      await db`delete from stock where sku = 'c'`;
      // Somebody else's rows are seen, too, once they are committed.
      await service.rows(`insert into effect values ('of somebody else')`);
      await db`insert into effect values ('mine')`;
      await enqueue([{ event, topic: 'things' }]);
      await schedule({ name: 'later', afterMs: 1_000, event, topic: 'things' });
      await cancel('sooner');
    });
    expect(result).toEqual({
      events: [{ event, topic: 'things' }],
      timers: [{ name: 'later', afterMs: 1_000, event, topic: 'things' }],
      cancelled: ['sooner'],
      tables: [
        { table: 'effect', inserted: 1, updated: 0, deleted: 0, rows: [{ what: 'mine' }] },
        {
          table: 'stock',
          inserted: 1,
          updated: 1,
          deleted: 1,
          rows: [
            { sku: 'a', held: 2 },
            { sku: 'd', held: 4 },
          ],
        },
      ],
    });
    expect(await state()).toEqual(before);
    expect(await service.rows('select from outbox')).toEqual([]);
    expect(await service.rows('select from timer')).toEqual([]);
  });

  it('sees its rows whether other transactions end meanwhile or not', async () => {
    const { tables } = await service.database.dryRun(({ db }) => db`insert into effect values ('alone')`);
    expect(tables).toEqual([{ table: 'effect', inserted: 1, updated: 0, deleted: 0, rows: [{ what: 'alone' }] }]);
  });

  it('tells why it would fail, and what was written until then', async () => {
    const failed = await service.database.dryRun(async ({ db }) => {
      await db`update stock set held = 2 where sku = 'a'`;
      throw new Error('out of order');
    });
    expect(failed).toMatchObject({ error: { message: 'out of order' }, tables: [{ table: 'stock', updated: 1 }] });
    const broken = await service.database.dryRun(({ db }) => db`select 1 / 0`);
    expect(broken).toMatchObject({ error: { message: 'division by zero' }, tables: [] });
    expect(await service.database.dryRun(() => Promise.resolve())).toEqual({
      events: [],
      timers: [],
      cancelled: [],
      tables: [],
    });
  });

  it('refuses an event that would be too large', async () => {
    const large = exampleEvent({ data: 'x'.repeat(1_100_000) });
    const { error } = await service.database.dryRun(({ enqueue }) => enqueue([{ event: large, topic: 'things' }]));
    expect(error).toMatchObject({ code: 'EBB_TOO_LARGE' });
  });
});
