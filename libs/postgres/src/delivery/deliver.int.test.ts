import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deferred, RetryableError, SchemaViolationError, Secret, TerminalError } from '@ebb/core';
import { eventually } from '@ebb/test-database';
import type { DeliveryKey, Transaction } from '../database.ts';
import { isUnavailable } from '../pg-errors.ts';
import { deliveryOf, exampleEvent, serviceDatabase, type ServiceDatabase } from '../service-database.fixture.ts';

/** As long as an attribute may be; random, since PostgreSQL compresses what it indexes. */
const longText = (): string => randomBytes(4_000).toString('hex');

describe('a delivery', () => {
  let service: ServiceDatabase;

  beforeAll(async () => {
    service = await serviceDatabase();
  });
  afterAll(() => service.close());

  const write =
    (what: string, emit = false) =>
    async ({ db, enqueue }: Transaction): Promise<void> => {
      await db`insert into effect (what) values (${what})`;
      if (emit) await enqueue([{ event: exampleEvent({ causationid: what }), topic: 'things' }]);
    };
  const effects = async (what: string): Promise<number> =>
    (await service.rows<{ what: string }>('select what from effect where what = $1', [what])).length;
  const inboxOf = async ({ id }: DeliveryKey): Promise<Record<string, unknown> | undefined> =>
    (await service.rows('select * from inbox where event_id = $1', [id]))[0];
  const parkedOf = (id: string): Promise<Record<string, unknown>[]> =>
    service.rows('select * from parked where event_id = $1 order by id', [id]);

  it('takes effect with its outbox row, and only once', async () => {
    const delivery = deliveryOf();
    expect(await service.database.deliver(delivery, write(delivery.id, true))).toEqual({ outcome: 'done' });
    expect(await service.database.deliver(delivery, write(delivery.id, true))).toEqual({ outcome: 'duplicate' });
    expect(await effects(delivery.id)).toBe(1);
    expect(await service.rows('select topic from outbox where cause_id = $1', [delivery.id])).toEqual([
      { topic: 'things' },
    ]);
    expect(await inboxOf(delivery)).toMatchObject({ status: 'done', attempt: 1, trace_id: delivery.traceId });
  });

  it('takes effect once when it comes 50 times at once, to two processes', async () => {
    const other = service.open();
    const delivery = deliveryOf();
    let runs = 0;
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, nth) =>
        (nth % 2 === 0 ? other : service.database).deliver(delivery, async (tx) => {
          await write(delivery.id, true)(tx);
          runs += 1;
        }),
      ),
    );
    expect(runs).toBe(1);
    expect(await effects(delivery.id)).toBe(1);
    expect(await service.rows('select id from outbox where cause_id = $1', [delivery.id])).toHaveLength(1);
    const count = (outcome: string): number => results.filter((result) => result.outcome === outcome).length;
    expect({ done: count('done'), others: count('duplicate') + count('conflict') }).toEqual({ done: 1, others: 49 });
  });

  it('is a conflict while the same one is being processed, and a duplicate afterwards', async () => {
    const delivery = deliveryOf();
    const [started, finish] = [deferred(), deferred()];
    const first = service.database.deliver(delivery, async (tx) => {
      await write(delivery.id)(tx);
      started.resolve();
      await finish.promise;
    });
    await started.promise;
    expect(await service.database.deliver(delivery, write(delivery.id))).toEqual({ outcome: 'conflict' });
    const late = service.database.deliver(delivery, write(delivery.id));
    finish.resolve();
    expect(await first).toEqual({ outcome: 'done' });
    expect(await late).toEqual({ outcome: 'duplicate' });
  });

  it('leaves nothing behind when its connection breaks, and works the next time', async () => {
    const delivery = deliveryOf();
    const broken = await service.database.deliver(delivery, async (tx) => {
      await write(delivery.id)(tx);
      const [row] = await tx.db<{ pid: number }>`select pg_backend_pid() as pid`;
      await service.rows('select pg_terminate_backend($1)', [row?.pid]);
      await tx.db`select 1`;
    });
    expect(broken.outcome === 'retry' && isUnavailable(broken.error)).toBe(true);
    expect(await inboxOf(delivery)).toBeUndefined();
    expect(await service.database.deliver(delivery, write(delivery.id))).toEqual({ outcome: 'done' });
    expect(await effects(delivery.id)).toBe(1);
  });

  it('counts attempts that failed, tells the handler, and takes effect when one succeeds', async () => {
    const delivery = deliveryOf();
    const attempts: number[] = [];
    const failing = async (tx: Transaction): Promise<void> => {
      attempts.push(tx.attempt);
      await write(delivery.id)(tx);
      throw new RetryableError('not now', { after: '2s' });
    };
    const answer = { outcome: 'retry', afterMs: 2_000, error: { message: 'not now' } };
    expect(await service.database.deliver(delivery, failing)).toMatchObject(answer);
    expect(await service.database.deliver(delivery, failing)).toMatchObject(answer);
    expect(await inboxOf(delivery)).toMatchObject({ status: 'failed', attempt: 2 });
    const last = await service.database.deliver(delivery, async (tx) => {
      attempts.push(tx.attempt);
      await write(delivery.id)(tx);
    });
    expect(last).toEqual({ outcome: 'done' });
    expect(attempts).toEqual([1, 2, 3]);
    expect(await effects(delivery.id)).toBe(1);
  });

  it('is parked when its retry budget is spent', async () => {
    const delivery = deliveryOf();
    const failing = async (): Promise<void> => Promise.reject(new Error('out of order'));
    const outcomes: string[] = [];
    for (let nth = 0; nth < 4; nth += 1) {
      outcomes.push((await service.database.deliver(delivery, failing)).outcome);
    }
    expect(outcomes).toEqual(['retry', 'retry', 'parked', 'parked']);
    const [parked, ...others] = await parkedOf(delivery.id);
    expect(others).toEqual([]);
    expect(parked).toMatchObject({
      reason: 'budget',
      error: expect.stringMatching(/^Error: out of order\n +at /),
      attempt: 3,
      key: 'thing-1',
      redriven_at: null,
      closed_at: null,
      event: { id: delivery.id, type: 'dev.ebb.shop.thing.sold.v1', data: { thing: 1 } },
    });
  });

  it('is parked, too, when it is another server that its handler cannot reach', async () => {
    const delivery = deliveryOf();
    const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code: 'ECONNREFUSED' });
    const outcomes: string[] = [];
    for (let nth = 0; nth < 3; nth += 1) {
      outcomes.push((await service.database.deliver(delivery, () => Promise.reject(refused))).outcome);
    }
    expect(outcomes).toEqual(['retry', 'retry', 'parked']);
  });

  it.each([
    ['an id', exampleEvent({ id: longText() }), undefined],
    ['a source', exampleEvent({ source: `/${longText()}` }), undefined],
    ['a partition key', exampleEvent({ partitionkey: longText() }), undefined],
    ['a business key', exampleEvent(), longText()],
    ['a business key with a NUL and', exampleEvent(), `nul \u0000 ${longText()}`],
  ])(
    'takes effect once, or is parked, whatever it is known by: %s that no index holds',
    async (_, event, businessKey) => {
      const [sell, fail] = ['sell', 'fail'].map((fn) =>
        deliveryOf(event, { fn, retryBudget: 1, ...(businessKey !== undefined && { businessKey }) }),
      );
      expect(await service.database.deliver(sell!, () => Promise.resolve())).toEqual({ outcome: 'done' });
      expect(await service.database.deliver(sell!, () => Promise.resolve())).toEqual({ outcome: 'duplicate' });
      const failing = (): Promise<void> => Promise.reject(new Error('no'));
      const parked = { outcome: 'parked', reason: 'budget' };
      expect(await service.database.deliver(fail!, failing)).toEqual(parked);
      expect(await service.database.deliver(fail!, failing)).toEqual(parked);
      const forged = { ...fail!, payloadSha: 'another' };
      expect(await service.database.deliver(forged, failing)).toEqual({
        outcome: 'parked',
        reason: 'payload-mismatch',
      });
    },
  );

  it.each([
    ['terminal', () => new TerminalError('never')],
    ['schema', () => new SchemaViolationError('event', [{ path: '/thing', message: 'is missing' }])],
  ] as const)('is parked at once when its failure is final: %s', async (reason, error) => {
    const delivery = deliveryOf();
    const run = async (tx: Transaction): Promise<void> => {
      await write(delivery.id, true)(tx);
      throw error();
    };
    expect(await service.database.deliver(delivery, run)).toEqual({ outcome: 'parked', reason });
    expect(await service.database.deliver(delivery, write(delivery.id))).toEqual({ outcome: 'parked', reason });
    expect(await effects(delivery.id)).toBe(0);
    expect(await service.rows('select id from outbox where cause_id = $1', [delivery.id])).toEqual([]);
    expect(await parkedOf(delivery.id)).toMatchObject([{ reason, attempt: 1 }]);
    expect(await inboxOf(delivery)).toMatchObject({ status: 'parked', park_reason: reason });
  });

  it('is parked when it emits an event that is too large', async () => {
    const delivery = deliveryOf();
    const result = await service.database.deliver(delivery, ({ enqueue }) =>
      enqueue([{ event: exampleEvent({ data: 'x'.repeat(1_100_000) }), topic: 'things' }]),
    );
    expect(result).toEqual({ outcome: 'parked', reason: 'terminal' });
  });

  it('is parked, not run, when the same id comes with another payload', async () => {
    const delivery = deliveryOf();
    await service.database.deliver(delivery, write(delivery.id));
    const forged = deliveryOf(exampleEvent({ id: delivery.id, data: { thing: 2 } }));
    const answer = { outcome: 'parked', reason: 'payload-mismatch' };
    expect(await service.database.deliver(forged, write(delivery.id))).toEqual(answer);
    expect(await service.database.deliver(forged, write(delivery.id))).toEqual(answer);
    expect(await effects(delivery.id)).toBe(1);
    expect(await parkedOf(delivery.id)).toMatchObject([{ reason: 'payload-mismatch', event: { data: { thing: 2 } } }]);
    expect(await service.database.deliver(delivery, write(delivery.id))).toEqual({ outcome: 'duplicate' });
  });

  it('is known by its business key, where it has one', async () => {
    const businessKey = 'invoice-1';
    const first = deliveryOf(exampleEvent(), { businessKey });
    const second = deliveryOf(exampleEvent(), { businessKey });
    expect(await service.database.deliver(first, write(businessKey))).toEqual({ outcome: 'done' });
    expect(await service.database.deliver(second, write(businessKey))).toEqual({ outcome: 'duplicate' });
    expect(await effects(businessKey)).toBe(1);
  });

  it('runs for each function by itself', async () => {
    const event = exampleEvent();
    const [sell, count] = [deliveryOf(event), deliveryOf(event, { fn: 'count' })];
    expect(await service.database.deliver(sell, write(event.id))).toEqual({ outcome: 'done' });
    expect(await service.database.deliver(count, write(event.id))).toEqual({ outcome: 'done' });
  });

  it('runs again by itself when PostgreSQL turns it back', async () => {
    const delivery = deliveryOf();
    let runs = 0;
    const result = await service.database.deliver(delivery, async (tx) => {
      runs += 1;
      await write(delivery.id, true)(tx);
      if (runs < 3) await tx.db`do $$ begin raise exception 'deadlock' using errcode = '40P01'; end $$`;
    });
    expect({ result, runs }).toEqual({ result: { outcome: 'done' }, runs: 3 });
    expect(await service.rows('select id from outbox where cause_id = $1', [delivery.id])).toHaveLength(1);
  });

  it('fails when the handler passes over a statement that failed, instead of claiming an effect', async () => {
    const delivery = deliveryOf();
    const result = await service.database.deliver(delivery, async (tx) => {
      await write(delivery.id)(tx);
      await tx.db`select 1 / 0`.catch(() => undefined);
    });
    expect(result).toMatchObject({
      outcome: 'retry',
      error: { message: expect.stringContaining('nothing was committed') },
    });
    expect(await effects(delivery.id)).toBe(0);
  });

  it('gives its locks back when the handler is left waiting for one', async () => {
    const delivery = deliveryOf();
    await service.rows('create table if not exists stock (sku text primary key, held int)');
    await service.rows(`insert into stock values ('a', 0) on conflict do nothing`);
    const holder = await service.outside.connect();
    await holder.query(`begin; update stock set held = 1`);
    let lost: Promise<unknown> = Promise.resolve();
    const result = await service.database.deliver(delivery, async (tx) => {
      lost = tx.db`update stock set held = 2`.catch(() => undefined);
      await eventually(async () => {
        const [row] = await service.rows<{ waiting: boolean }>(
          `select count(*) > 0 as waiting from pg_stat_activity where wait_event_type = 'Lock' and query like 'update stock%'`,
        );
        return row?.waiting === true;
      });
      throw new RetryableError('took too long');
    });
    await lost;
    await holder.query('rollback');
    holder.release();
    expect(result.outcome).toBe('retry');
    // PostgreSQL notices within a second that nobody waits for the statement.
    await eventually(async () => (await service.database.deliver(delivery, write(delivery.id))).outcome === 'done');
    expect(await effects(delivery.id)).toBe(1);
  });

  it('asks for a retry while PostgreSQL cannot be reached', async () => {
    const url = new URL(service.url);
    url.port = '1';
    const unreachable = service.open({ url: new Secret(url.href) });
    expect(await unreachable.deliver(deliveryOf(), write('never'))).toMatchObject({
      outcome: 'retry',
      error: { code: 'ECONNREFUSED' },
    });
  });
});
