import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate } from '@ebb/postgres/migrate';
import { testDatabase, type TestDatabase } from '@ebb/test-database';
import pg from 'pg';
import { circuitReports, reportOf } from './database-report.ts';

const shop = { service: 'my-shop', schema: 'my_shop' };
let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2, options: '-c search_path=my_shop' });
  // A pool has ended before its connections have: the database may go while they are there.
  pool.on('error', () => undefined);
  await migrate({ url: database.url, schema: shop.schema });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

describe('the report of a database', () => {
  it('tells what waits for the relay, and how large the tables are', async () => {
    await pool.query(
      `insert into outbox (shard, topic, event, put_aside, created_at)
       select 0, 't', '{}', reason, now() - interval '1 minute' from unnest(array[null, 'too-large']) reason`,
    );
    const { tables, lagMs, ...report } = await reportOf(pool, shop);
    expect(report).toEqual({ ...shop, pending: 1, putAside: 1, timers: 0 });
    expect(lagMs).toBeGreaterThanOrEqual(60_000);
    expect(tables.outbox.bytes).toBeGreaterThan(0);
  });

  it('tells which dependencies are left alone, until when and why', async () => {
    await pool.query(
      `insert into circuit (name, state, failures, open_until, failed_at, last_error) values
         ('agency', 'closed', 0, null, '2026-01-31T11:00:00Z', 'Error: no'),
         ('carrier', 'open', 5, '2026-01-31T12:00:30Z', '2026-01-31T12:00:00Z', 'Error: refused')`,
    );
    expect(await circuitReports(pool, shop)).toEqual([
      {
        ...{ service: 'my-shop', name: 'carrier', state: 'open', failures: 5, until: '2026-01-31T12:00:30.000Z' },
        lastFailure: { at: '2026-01-31T12:00:00.000Z', message: 'Error: refused' },
      },
      {
        ...{ service: 'my-shop', name: 'agency', state: 'closed', failures: 0 },
        lastFailure: { at: '2026-01-31T11:00:00.000Z', message: 'Error: no' },
      },
    ]);
  });
});
