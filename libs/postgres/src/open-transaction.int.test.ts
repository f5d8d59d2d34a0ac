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
