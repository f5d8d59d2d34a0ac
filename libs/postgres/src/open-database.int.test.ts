import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Secret } from '@ebb/core';
import { startTelemetry } from '@ebb/telemetry';
import { eventually } from '@ebb/test-database';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-base';
import pg from 'pg';
import type { Sql } from './sql.ts';
import { openDatabase } from './open-database.ts';
import { OUTBOX_CHANNEL } from './outbox/notify-outbox.ts';
import { deliveryOf, exampleEvent, serviceDatabase, type ServiceDatabase } from './service-database.fixture.ts';

describe('a database', () => {
  let service: ServiceDatabase;

  beforeAll(async () => {
    service = await serviceDatabase('my-shop');
  });
  afterAll(() => service.close());

  it('commits what a transaction did, or nothing', async () => {
    const { database } = service;
    expect(
      await database.transaction(async ({ db, enqueue }) => {
        await enqueue([{ event: exampleEvent({ causationid: 'kept' }), topic: 'things' }]);
        await db`insert into effect values ('kept')`;
        return 7;
      }),
    ).toBe(7);
    const failing = database.transaction(async ({ db, enqueue }) => {
      await enqueue([{ event: exampleEvent({ causationid: 'lost' }), topic: 'things' }]);
      await db`insert into effect values ('lost')`;
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await database.db`select what from effect`).toEqual([{ what: 'kept' }]);
    expect(await database.db`select cause_id from outbox`).toEqual([{ cause_id: 'kept' }]);
  });

  it('answers several statements at once, in order', async () => {
    const results = await service.database.transaction(({ db }) =>
      Promise.all([1, 2, 3].map((n) => db<{ n: number }>`select ${n}::int as n`)),
    );
    expect(results.flat().map(({ n }) => n)).toEqual([1, 2, 3]);
  });

  it('refuses a statement that comes after the end of its transaction', async () => {
    let late: Sql | undefined;
    await service.database.transaction(({ db }) => {
      late = db;
      return Promise.resolve();
    });
    await expect(late!`select 1`).rejects.toThrow('the transaction is over');
  });

  it('ends a transaction that is idle for longer than its timeout, and survives that', async () => {
    const idle = service.database.transaction(
      async ({ db }) => {
        await db`insert into effect values ('idle')`;
        await eventually(async () => {
          const rows = await service.rows(`select from pg_stat_activity where state = 'idle in transaction'`);
          return rows.length === 0;
        });
      },
      { timeoutMs: 50 },
    );
    await expect(idle).rejects.toMatchObject({ code: '25P03' });
    await service.database.ping();
  });

  it('goes on after all of its connections were cut while idle', async () => {
    await service.database.ping();
    await service.rows(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ebb-my-shop' and state = 'idle'`,
    );
    await eventually(() => service.database.ping().then(() => true));
  });

  it('connects to nothing before it is used', async () => {
    const unused = openDatabase({ url: new Secret('postgres://nobody@127.0.0.1:1/none'), schema: 'x' });
    await unused.close();
    await expect(unused.ping()).rejects.toThrow('closed');
  });

  it('prepares the statements of transactions, and does not mind when tables change', async () => {
    const one = service.open({ maxConnections: 1 });
    const read = () => one.transaction(({ db }) => db`select * from changing where id = ${1}`);
    await service.rows('create table changing as select 1 as id');
    for (let nth = 0; nth < 3; nth += 1) expect(await read()).toEqual([{ id: 1 }]);
    await service.rows(`alter table changing add column note text default 'new'`);
    expect(await read()).toEqual([{ id: 1, note: 'new' }]);
    await one.transaction(({ db }) => db`deallocate all`);
    expect(await read()).toEqual([{ id: 1, note: 'new' }]);
    await one.transaction(({ db }) => db`create table several_a (); create table several_b ()`);
    expect(await one.transaction(({ db }) => db`select from several_a, several_b where ${1} = 1`)).toEqual([]);
  });

  it('wakes the relay after a commit that left events', async () => {
    const listener = new pg.Client({ connectionString: service.url });
    await listener.connect();
    const told: (string | undefined)[] = [];
    listener.on('notification', ({ payload }) => told.push(payload));
    await listener.query(`LISTEN ${OUTBOX_CHANNEL}`);
    try {
      const emit = Array.from({ length: 20 }, () =>
        service.database.deliver(deliveryOf(), ({ enqueue }) => enqueue([{ event: exampleEvent(), topic: 'things' }])),
      );
      await Promise.all(emit);
      await eventually(() => told.includes('my-shop'));
      expect(told.length).toBeLessThan(20);
    } finally {
      await listener.end();
    }
  });

  it('traces statements without their values', async () => {
    const exporter = new InMemorySpanExporter();
    const telemetry = startTelemetry({ service: 'shop', exporter });
    const traced = service.open({ tracer: telemetry.tracer });
    await traced.deliver(deliveryOf(), async ({ db, enqueue }) => {
      await db`insert into effect values (${'secret value'})`;
      await enqueue([{ event: exampleEvent(), topic: 'things' }]);
    });
    await expect(traced.db`select * from nowhere`).rejects.toThrow('nowhere');
    await telemetry.flush();
    const spans = exporter.getFinishedSpans().filter(({ name }) => name !== 'NOTIFY outbox');
    await telemetry.shutdown();
    expect(spans.map(({ name }) => name)).toEqual([
      'INSERT inbox',
      'INSERT effect',
      'INSERT outbox',
      'COMMIT',
      'SELECT nowhere',
    ]);
    expect(spans[1]?.attributes).toEqual({
      'db.system.name': 'postgresql',
      'db.query.text': 'insert into effect values ($1)',
    });
    expect(spans.map(({ status }) => status.code)).toEqual([0, 0, 0, 0, 2]);
  });
});
