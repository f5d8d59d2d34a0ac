import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret, silentLogger, systemClock } from '@ebb/core';
import { openDatabase } from '@ebb/postgres';
import { migrate } from '@ebb/postgres/migrate';
import { eventually, testDatabase } from '@ebb/test-database';
import type { LimitStore, Standing, Taking } from './limit-store.ts';
import { MemoryStore } from './memory-store.ts';
import { PostgresStore } from './postgres-store.ts';
import type { SqlOf } from './take-in-postgres.ts';
import { trimLimits } from './trim-limits.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

let test: Awaited<ReturnType<typeof testDatabase>>;
let database: ReturnType<typeof openDatabase>;
/** The first word of each statement that reached PostgreSQL. */
let statements = 0;
let isAway = false;
let now = 0;
const clock = { ...systemClock, now: () => now };

const db: SqlOf = async <Row extends object>(strings: TemplateStringsArray, ...values: readonly unknown[]) => {
  statements += 1;
  if (isAway) throw new Error('away');
  return database.db<Row>(strings, ...values);
};

beforeAll(async () => {
  test = await testDatabase();
  await migrate({ url: test.url, schema: 'gateway', directory: MIGRATIONS });
  database = openDatabase({ url: new Secret(test.url), schema: 'gateway' });
});
afterAll(async () => {
  await database.close();
  await test.drop();
});
beforeEach(async () => {
  await database.db`delete from request_limits`;
  [statements, isAway, now] = [0, false, 1_000_000];
});

function store(insurance: LimitStore = new MemoryStore({ clock, maxKeys: 100 })): PostgresStore {
  return new PostgresStore({ db, insurance, maxKeys: 100, clock, logger: silentLogger });
}

const taking = (key: string, requests = 1_000, windowMs = 60_000): Taking => ({ key, requests, windowMs });

async function usedAfter(counting: LimitStore, ...takings: Taking[]): Promise<readonly number[]> {
  // A machine that is slow must not make the test fail: who was late counts for itself.
  const standings: readonly Standing[] = await counting.take(takings);
  return standings.map(({ used }) => used);
}

async function count(): Promise<number> {
  const [row] = await database.db<{ rows: number }>`select count(*)::int as rows from request_limits`;
  return row?.rows ?? 0;
}

/** Tries with fresh counts until PostgreSQL was fast enough. */
const inTime = (check: () => Promise<void>) =>
  eventually(
    async () => {
      await database.db`delete from request_limits`;
      await check();
      return true;
    },
    { timeoutMs: 30_000 },
  );

describe('limits in PostgreSQL', () => {
  it('are counted by all replicas together, several at a time', async () => {
    await inTime(async () => {
      const [one, other] = [store(), store()];
      expect(await usedAfter(one, taking('b'), taking('a'))).toEqual([1, 1]);
      expect(await usedAfter(other, taking('a'))).toEqual([2]);
      expect(await usedAfter(one, taking('a'), taking('c'), taking('b'))).toEqual([3, 1, 2]);
    });
  });

  it('count each of many requests at once', async () => {
    await inTime(async () => {
      const one = store();
      await one.take([taking('x')]);
      const all = await Promise.all(
        Array.from({ length: 20 }, (_none, at) =>
          usedAfter(one, ...(at % 2 ? ['y', 'z'] : ['z', 'y']).map((key) => taking(key))),
        ),
      );
      expect(all.flat().sort((a, b) => a - b)).toEqual(
        Array.from({ length: 40 }, (_none, at) => Math.floor(at / 2) + 1),
      );
    });
  });

  it('begin anew when their window is over', async () => {
    await inTime(async () => {
      const one = store();
      expect(await usedAfter(one, taking('a', 1_000, 86_400_000))).toEqual([1]);
      await database.db`update request_limits set resets_at = now() - interval '1 second'`;
      const [standing] = await one.take([taking('a', 1_000, 60_000)]);
      expect(standing?.used).toBe(1);
      expect(standing?.resetsInMs).toBeGreaterThan(50_000);
      expect(standing?.resetsInMs).toBeLessThanOrEqual(60_000);
    });
  });

  it('cost no statement for whoever is past them', async () => {
    await inTime(async () => {
      const one = store();
      for (let request = 1; request <= 3; request += 1) await one.take([taking('a', 2)]);
      const before = statements;
      expect(await usedAfter(one, taking('a', 2), taking('b', 5))).toEqual([3, 5]);
      expect(statements).toBe(before);
      now += 60_001;
      await database.db`delete from request_limits`;
      expect(await usedAfter(one, taking('a', 2))).toEqual([1]);
    });
  });

  it('hold no address, no subject, and no row for longer than they must', async () => {
    await inTime(async () => {
      await store().take([taking('client 192.0.2.1'), taking('client 192.0.2.2')]);
      const rows = await database.db<{ row: string }>`select request_limits::text as row from request_limits`;
      expect(rows).toHaveLength(2);
      expect(rows.map(({ row }) => row).join()).not.toContain('192');
      expect(await trimLimits(database.db)).toBe(0);
      await database.db`update request_limits set resets_at = now()`;
      expect(await trimLimits(database.db)).toBe(2);
      expect(await count()).toBe(0);
    });
  });
});

describe('limits while PostgreSQL is away', () => {
  it('go on in memory, and come back', async () => {
    const one = store();
    isAway = true;
    expect(await usedAfter(one, taking('a'))).toEqual([1]);
    expect(await usedAfter(one, taking('a'))).toEqual([2]);
    expect(statements).toBe(1);
    now += 5_001;
    expect(await usedAfter(one, taking('a'))).toEqual([3]);
    expect(statements).toBe(2);
    isAway = false;
    await eventually(
      async () => {
        now += 5_001;
        await one.take([taking('back')]);
        return (await count()) > 0;
      },
      { timeoutMs: 30_000 },
    );
  });

  it('do not wait for a server that thinks', async () => {
    const never: SqlOf = () => new Promise<never>(() => undefined);
    const insurance = new MemoryStore({ clock, maxKeys: 100 });
    const one = new PostgresStore({ db: never, insurance, maxKeys: 100, clock, logger: silentLogger });
    expect(await usedAfter(one, taking('a'))).toEqual([1]);
    expect(await usedAfter(one, taking('a'))).toEqual([2]);
  });
});
