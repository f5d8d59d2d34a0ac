import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Database, Transaction } from './database.ts';
import { serviceDatabase, type ServiceDatabase } from './service-database.fixture.ts';

let service: ServiceDatabase;
let database: Database;
beforeAll(async () => {
  service = await serviceDatabase();
  // One connection, so that each transaction finds what the one before has left.
  database = service.open({ maxConnections: 1 });
});
afterAll(() => service.close());

const divide = (db: Transaction['db'], by: number) => db<{ half: number }>`select 6 / ${by}::int as half`;

describe('a statement that failed the first time', () => {
  it('is none that is known already, wherever in a transaction it comes again', async () => {
    await expect(database.transaction(({ db }) => divide(db, 0))).rejects.toThrow('division by zero');
    const again = database.transaction(async ({ db }) => {
      await db`select 1`;
      return divide(db, 2);
    });
    expect(await again).toEqual([{ half: 3 }]);
    expect(await database.transaction(({ db }) => divide(db, 3))).toEqual([{ half: 2 }]);
  });
});

describe('a statement that is known', () => {
  it('gives its rows as the first time, in any company', async () => {
    const rowsOf = (db: Transaction['db'], n: number) =>
      db<{ n: number; at: Date; none: null }>`select ${n}::int as n, 'epoch'::timestamptz as at, null as none`;
    const nothing = (db: Transaction['db']) => db`select 1 as never where ${false}::boolean`;
    const written = (db: Transaction['db'], what: string) => db`insert into effect values (${what})`;
    const expected = (n: number) => [{ n, at: new Date(0), none: null }];
    for (const first of [1, 10]) {
      const run = database.transaction(async ({ db }) => [
        await rowsOf(db, first),
        await nothing(db),
        ...(await Promise.all([written(db, 'a'), rowsOf(db, first + 1), nothing(db), rowsOf(db, first + 2)])),
      ]);
      expect(await run).toEqual([expected(first), [], [], expected(first + 1), [], expected(first + 2)]);
    }
  });

  it('is asked anew when its table has changed', async () => {
    await service.rows('create table shape (a int); insert into shape values (1)');
    const all = (db: Transaction['db']) => db`select * from shape where a = ${1}`;
    expect(await database.transaction(({ db }) => all(db))).toEqual([{ a: 1 }]);
    await service.rows(`alter table shape add column b text default 'new'`);
    expect(await database.transaction(({ db }) => all(db))).toEqual([{ a: 1, b: 'new' }]);
    expect(await database.transaction(({ db }) => all(db))).toEqual([{ a: 1, b: 'new' }]);
  });
});
