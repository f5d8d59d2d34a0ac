import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { testDatabase } from './database.ts';

describe('a test database', () => {
  it('is fresh for each caller, and gone when dropped', async () => {
    const [one, two] = await Promise.all([testDatabase(), testDatabase()]);
    await query(one.url, 'create table things (id int)');
    const tables = await query(two.url, "select 1 from pg_tables where tablename = 'things'");
    expect(tables).toHaveLength(0);
    await Promise.all([one.drop(), two.drop()]);
    await expect(query(one.url, 'select 1')).rejects.toThrow(/does not exist/);
  });

  it('is a copy of its template, which is made once', async () => {
    let prepared = 0;
    const template = {
      key: `things ${process.pid} ${Date.now()}`,
      prepare: async (url: string) => {
        prepared += 1;
        await query(url, 'create table things as select 7 as id');
      },
    };
    const databases = await Promise.all([1, 2, 3].map(() => testDatabase({ template })));
    for (const { outside } of databases) {
      expect((await outside.query('select id from things')).rows).toEqual([{ id: 7 }]);
      await outside.query('drop table things');
    }
    expect(prepared).toBe(1);
    await Promise.all(databases.map((database) => database.drop()));
  });

  it('has no template that could not be made', async () => {
    const key = `broken ${process.pid} ${Date.now()}`;
    const fails = { key, prepare: (url: string) => query(url, 'select 1 / 0').then(() => undefined) };
    await expect(testDatabase({ template: fails })).rejects.toThrow('division by zero');
    const works = { key, prepare: (url: string) => query(url, 'create table things (id int)').then(() => undefined) };
    const database = await testDatabase({ template: works });
    expect((await database.outside.query('select from things')).rows).toEqual([]);
    await database.drop();
  });

  it('fails a test that left a connection open, and says what it did last', async () => {
    const database = await testDatabase();
    const leak = new pg.Client({ connectionString: database.url, application_name: 'forgetful' });
    leak.on('error', () => undefined);
    await leak.connect();
    await leak.query('select 42');
    await expect(database.drop()).rejects.toThrow(/1 connection\(s\) open:\n {2}forgetful \(idle\): select 42/);
  });
});

async function query(url: string, sql: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<object>(sql)).rows;
  } finally {
    await client.end();
  }
}
