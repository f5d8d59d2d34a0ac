import { expect, it } from '@jest/globals';
import { migrate } from '@ebb/postgres/migrate';
import { testDatabase } from '@ebb/test-database';
import pg from 'pg';
import { reportOf } from './database-report.ts';

it('the report of a database tells what waits for the relay, and how large the tables are', async () => {
  const database = await testDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 2, options: '-c search_path=my_shop' });
  try {
    await migrate({ url: database.url, schema: 'my_shop' });
    await pool.query(
      `insert into outbox (shard, topic, event, put_aside, created_at)
       select 0, 't', '{}', reason, now() - interval '1 minute' from unnest(array[null, 'too-large']) reason`,
    );
    const { tables, lagMs, ...report } = await reportOf(pool, { service: 'my-shop', schema: 'my_shop' });
    expect(report).toEqual({ service: 'my-shop', schema: 'my_shop', pending: 1, putAside: 1, timers: 0 });
    expect(lagMs).toBeGreaterThanOrEqual(60_000);
    expect(tables.outbox.bytes).toBeGreaterThan(0);
  } finally {
    await pool.end();
    await database.drop();
  }
});
