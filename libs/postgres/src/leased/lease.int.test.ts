import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { deferred, RetryableError, TerminalError, TimeoutError, type Deferred } from '@ebb/core';
import { eventually } from '@ebb/test-database';
import type { Database, DeliveryKey, DeliveryResult, Transaction } from '../database.ts';
import { UncountedError, UnknownEffectError } from '../delivery/settlement.ts';
import { isUnavailable } from '../pg-errors.ts';
import { deliveryOf, exampleEvent, serviceDatabase, type ServiceDatabase } from '../service-database.fixture.ts';
import { LeaseLostError } from './lease.ts';
import type { LeasedDelivery } from './leased-delivery.ts';

/** So long that no heartbeat comes within a test. */
const LEASE_MS = 60_000;
const SHORT_LEASE_MS = 150;

interface Held {
  readonly leased: LeasedDelivery;
  readonly result: Promise<DeliveryResult>;
}

describe('a leased delivery', () => {
  let service: ServiceDatabase;
  let other: Database;
  let hanging: Deferred<unknown>[] = [];

  beforeAll(async () => {
    service = await serviceDatabase();
    other = service.open();
  });
  afterEach(() => {
    for (const one of hanging) one.reject(new UncountedError('the test is over'));
    hanging = [];
  });
  afterAll(() => service.close());

  const write =
    (what: string) =>
    async ({ db, enqueue }: Transaction): Promise<void> => {
      await db`insert into effect (what) values (${what})`;
      await enqueue([{ event: exampleEvent({ causationid: what }), topic: 'things' }]);
    };
  const finishing =
    (what: string) =>
    async (leased: LeasedDelivery): Promise<'done'> => {
      await leased.finish(write(what));
      return 'done';
    };
  const lease = (delivery: DeliveryKey, run?: Parameters<Database['lease']>[2], leaseMs = LEASE_MS) =>
    service.database.lease(delivery, leaseMs, run ?? finishing(delivery.id));
  const effects = async (what: string): Promise<number> =>
    (await service.rows('select what from effect where what = $1', [what])).length;
  const inboxOf = async ({ id }: DeliveryKey): Promise<Record<string, unknown> | undefined> =>
    (await service.rows('select * from inbox where event_id = $1', [id]))[0];
  const parkedOf = ({ id }: DeliveryKey) => service.rows('select * from parked where event_id = $1 order by id', [id]);
  const expire = ({ id }: DeliveryKey) =>
    service.rows(`update inbox set lease_until = clock_timestamp() - interval '1 second' where event_id = $1`, [id]);

  /** A process that has the lease, and hangs from then on. */
  async function hold(delivery: DeliveryKey, leaseMs = LEASE_MS): Promise<Held> {
    const [begun, end] = [deferred<LeasedDelivery>(), deferred<unknown>()];
    hanging.push(end);
    const result = service.database.lease(delivery, leaseMs, async (leased) => {
      begun.resolve(leased);
      await end.promise;
      return 'done';
    });
    return { leased: await begun.promise, result };
  }

  /** A process that was thought dead, and the one that has finished its work meanwhile. */
  async function takenOver(): Promise<{ readonly zombie: LeasedDelivery; readonly delivery: DeliveryKey }> {
    const delivery = deliveryOf();
    const { leased: zombie } = await hold(delivery);
    await zombie.steps.write('pay', { state: 'intent' });
    await expire(delivery);
    expect(await other.lease(delivery, LEASE_MS, finishing(delivery.id))).toEqual({ outcome: 'done' });
    return { zombie, delivery };
  }

  it('takes effect with its outbox row, and only once', async () => {
    const delivery = deliveryOf();
    expect(await lease(delivery)).toEqual({ outcome: 'done' });
    expect(await lease(delivery)).toEqual({ outcome: 'duplicate' });
    expect(await effects(delivery.id)).toBe(1);
    expect(await service.rows('select topic from outbox where cause_id = $1', [delivery.id])).toHaveLength(1);
    expect(await inboxOf(delivery)).toMatchObject({ status: 'done', attempt: 1, lease_token: null });
  });

  it('takes effect once when it comes 50 times at once, to two processes', async () => {
    const delivery = deliveryOf();
    let runs = 0;
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, nth) =>
        (nth % 2 === 0 ? other : service.database).lease(delivery, LEASE_MS, (leased) => {
          runs += 1;
          return finishing(delivery.id)(leased);
        }),
      ),
    );
    expect({ runs, effects: await effects(delivery.id) }).toEqual({ runs: 1, effects: 1 });
    const outcomes = results.map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'duplicate' || outcome === 'conflict')).toHaveLength(49);
  });

  it('is a conflict while its lease holds, however long it takes', async () => {
    const delivery = deliveryOf();
    await hold(delivery, SHORT_LEASE_MS);
    const [before] = await service.rows<{ lease_until: Date }>('select lease_until from inbox where event_id = $1', [
      delivery.id,
    ]);
    await eventually(async () => {
      const [now] = await service.rows<{ is_longer: boolean }>(
        `select lease_until > $2::timestamptz + interval '300 milliseconds' as is_longer from inbox where event_id = $1`,
        [delivery.id, before?.lease_until],
      );
      return now?.is_longer;
    });
    expect(await other.lease(delivery, LEASE_MS, finishing(delivery.id))).toEqual({ outcome: 'conflict' });
    expect(await effects(delivery.id)).toBe(0);
  });

  it('is taken over by one of 40 when its lease has run out, which counts as an attempt', async () => {
    const delivery = deliveryOf();
    await hold(delivery);
    await expire(delivery);
    const attempts: number[] = [];
    const results = await Promise.all(
      Array.from({ length: 40 }, (_, nth) =>
        (nth % 2 === 0 ? other : service.database).lease(delivery, LEASE_MS, (leased) => {
          attempts.push(leased.attempt);
          return finishing(delivery.id)(leased);
        }),
      ),
    );
    expect(results.filter(({ outcome }) => outcome === 'done')).toHaveLength(1);
    expect({ attempts, effects: await effects(delivery.id) }).toEqual({ attempts: [2], effects: 1 });
  });

  describe('of a process that comes back after its lease', () => {
    it('would take effect twice without the fence', async () => {
      const { delivery } = await takenOver();
      await service.database.transaction(write(delivery.id));
      expect(await effects(delivery.id)).toBe(2);
    });

    it.each([
      ['finish', (zombie: LeasedDelivery, id: string) => zombie.finish(write(id))],
      ['commit a transaction', (zombie: LeasedDelivery, id: string) => zombie.transaction('note', write(id))],
      ['begin a step', (zombie: LeasedDelivery) => zombie.steps.write('ship', { state: 'intent' })],
      ['end a step', (zombie: LeasedDelivery) => zombie.steps.write('pay', { state: 'done', output: 1 })],
      ['take a step back', (zombie: LeasedDelivery) => zombie.steps.forget('pay')],
      ['sleep', (zombie: LeasedDelivery) => zombie.sleep('a while', 1_000)],
    ])('cannot %s any more, and is told to stop', async (_what, act) => {
      const { zombie, delivery } = await takenOver();
      const state = async () => [
        await service.rows('select * from step where event_id = $1', [delivery.id]),
        await service.rows('select * from timer'),
        await inboxOf(delivery),
        await effects(delivery.id),
      ];
      const before = await state();
      await expect(act(zombie, delivery.id)).rejects.toBeInstanceOf(LeaseLostError);
      expect(zombie.signal.reason).toBeInstanceOf(LeaseLostError);
      expect(await state()).toEqual(before);
    });

    it('is left to whoever has taken over', async () => {
      const delivery = deliveryOf();
      const { leased: zombie, result } = await hold(delivery);
      await expire(delivery);
      const successor = await hold(delivery);
      await expect(zombie.finish(write(delivery.id))).rejects.toThrow('another process may have taken over');
      hanging[0]?.reject(new TerminalError('no'));
      expect(await result).toMatchObject({ outcome: 'conflict' });
      expect(await parkedOf(delivery)).toEqual([]);
      await successor.leased.finish(write(delivery.id));
      expect(await effects(delivery.id)).toBe(1);
    });

    it('is told to stop when it could not extend its lease, whoever has taken over', async () => {
      const delivery = deliveryOf();
      const { leased } = await hold(delivery, SHORT_LEASE_MS);
      const blocker = await service.outside.connect();
      try {
        await blocker.query('begin');
        await blocker.query('select from inbox where event_id = $1 for update', [delivery.id]);
        await eventually(() => leased.signal.aborted);
        expect(leased.signal.reason).toBeInstanceOf(LeaseLostError);
      } finally {
        await blocker.query('rollback');
        blocker.release();
      }
    });

    it('is told so by its heartbeat, without asking', async () => {
      const delivery = deliveryOf();
      const { leased } = await hold(delivery, SHORT_LEASE_MS);
      await service.rows('update inbox set lease_token = gen_random_uuid() where event_id = $1', [delivery.id]);
      await eventually(() => leased.signal.aborted);
      expect(leased.signal.reason).toBeInstanceOf(LeaseLostError);
    });
  });

  it('counts attempts that failed, says when to come again, and is parked when its budget is spent', async () => {
    const delivery = deliveryOf();
    const attempts: number[] = [];
    const failing = (leased: LeasedDelivery): Promise<never> => {
      attempts.push(leased.attempt);
      return Promise.reject(new RetryableError('not now', { after: '2s' }));
    };
    const retry = { outcome: 'retry', afterMs: 2_000, error: { message: 'not now' } };
    expect(await lease(delivery, failing)).toMatchObject(retry);
    expect(await inboxOf(delivery)).toMatchObject({ status: 'failed', attempt: 1, lease_token: null });
    expect(await lease(delivery, failing)).toMatchObject(retry);
    expect(await lease(delivery, failing)).toEqual({ outcome: 'parked', reason: 'budget' });
    expect(await lease(delivery)).toEqual({ outcome: 'parked', reason: 'budget' });
    expect(attempts).toEqual([1, 2, 3]);
    expect(await parkedOf(delivery)).toMatchObject([{ reason: 'budget', attempt: 3 }]);
  });

  it.each<[string, () => Error]>([
    ['terminal', () => new TerminalError('never')],
    ['step-unknown', () => new UnknownEffectError('nobody knows')],
    ['delayed', () => new RetryableError('tomorrow', { after: '1d' })],
  ])('is parked at once: %s', async (reason, error) => {
    const delivery = deliveryOf();
    expect(await lease(delivery, () => Promise.reject(error()))).toEqual({ outcome: 'parked', reason });
    expect(await inboxOf(delivery)).toMatchObject({ status: 'parked', attempt: 1, lease_token: null });
  });

  it('does not count what says nothing about the event', async () => {
    const delivery = deliveryOf();
    for (let nth = 0; nth < 5; nth += 1) {
      const result = await lease(delivery, () => Promise.reject(new UncountedError('the circuit is open')));
      expect(result.outcome).toBe('retry');
    }
    expect(await lease(delivery)).toEqual({ outcome: 'done' });
    expect(await inboxOf(delivery)).toMatchObject({ attempt: 1 });
  });

  it('does not count that PostgreSQL went away, and is free again at once when it is back', async () => {
    const delivery = deliveryOf();
    for (let nth = 0; nth < 4; nth += 1) {
      const broken = await lease(delivery, async (leased) => {
        await leased.transaction('break', async ({ db }) => {
          const [row] = await db<{ pid: number }>`select pg_backend_pid() as pid`;
          await service.rows('select pg_terminate_backend($1)', [row?.pid]);
          await db`select 1`;
        });
        return 'done';
      });
      expect(broken.outcome === 'retry' && isUnavailable(broken.error)).toBe(true);
    }
    expect(await lease(delivery)).toEqual({ outcome: 'done' });
    expect(await inboxOf(delivery)).toMatchObject({ attempt: 1 });
  });

  it('can be settled when its time is over in the middle of a transaction', async () => {
    const delivery = deliveryOf();
    const blocker = await service.outside.connect();
    const time = new AbortController();
    try {
      await blocker.query('begin');
      await blocker.query('lock table effect');
      const result = lease(delivery, async (leased) => {
        await leased.transaction('note', write(delivery.id), time.signal);
        return 'done';
      });
      await eventually(async () => {
        const [row] = await service.rows<{ waiting: boolean }>(
          `select count(*) > 0 as waiting from pg_stat_activity where wait_event_type = 'Lock' and query like 'insert into effect%'`,
        );
        return row?.waiting === true;
      });
      time.abort(new TimeoutError('took too long'));
      expect(await result).toMatchObject({ outcome: 'retry', error: { message: 'took too long' } });
      expect(await inboxOf(delivery)).toMatchObject({ status: 'failed', attempt: 1 });
    } finally {
      await blocker.query('rollback');
      blocker.release();
    }
    expect(await lease(delivery)).toEqual({ outcome: 'done' });
    expect(await effects(delivery.id)).toBe(1);
  });

  it('is parked when its processes die again and again', async () => {
    const delivery = deliveryOf();
    for (let nth = 0; nth < 3; nth += 1) {
      await hold(delivery);
      await expire(delivery);
    }
    expect(await lease(delivery)).toEqual({ outcome: 'parked', reason: 'budget' });
    expect(await parkedOf(delivery)).toMatchObject([{ error: expect.stringContaining('ended 3 times') }]);
    expect(await effects(delivery.id)).toBe(0);
  });

  it('waits for its turn when an earlier event of its key is parked, and lets the next one go when it took effect', async () => {
    const keyed = (fails: boolean) => {
      const delivery = deliveryOf(exampleEvent({ partitionkey: 'a-key' }), { order: 'ordered' });
      return { delivery, run: fails ? () => Promise.reject(new TerminalError('no')) : finishing(delivery.id) };
    };
    const [first, second] = [keyed(true), keyed(false)];
    expect(await lease(first.delivery, first.run)).toEqual({ outcome: 'parked', reason: 'terminal' });
    expect(await lease(second.delivery, second.run)).toEqual({ outcome: 'parked', reason: 'behind' });
    expect(await effects(second.delivery.id)).toBe(0);
    await service.rows(`update parked set redriven_at = now() where event_id = $1`, [first.delivery.id]);
    await service.rows(`update inbox set status = 'failed', attempt = 0 where event_id = $1`, [first.delivery.id]);
    expect(await lease(first.delivery)).toEqual({ outcome: 'done' });
    expect(await parkedOf(first.delivery)).toMatchObject([{ closed_as: 'done' }]);
    expect(await lease(second.delivery, second.run)).toEqual({ outcome: 'done' });
  });

  it('is parked, not run, when the same id comes with another payload', async () => {
    const delivery = deliveryOf();
    await lease(delivery);
    const forged = deliveryOf(exampleEvent({ id: delivery.id, data: { thing: 2 } }));
    expect(await lease(forged)).toEqual({ outcome: 'parked', reason: 'payload-mismatch' });
    expect(await effects(delivery.id)).toBe(1);
  });

  it('keeps what PostgreSQL turned back out of the journal, and runs it again by itself', async () => {
    const delivery = deliveryOf();
    let runs = 0;
    const result = await lease(delivery, async (leased) => {
      await leased.transaction('note', async (tx) => {
        runs += 1;
        await write(delivery.id)(tx);
        if (runs < 3) await tx.db`do $$ begin raise exception 'deadlock' using errcode = '40P01'; end $$`;
        return runs;
      });
      return finishing(`${delivery.id} end`)(leased);
    });
    expect({ result, runs }).toEqual({ result: { outcome: 'done' }, runs: 3 });
    expect(await effects(delivery.id)).toBe(1);
    expect(await service.rows('select name, output from step where event_id = $1', [delivery.id])).toEqual([
      { name: 'note', output: 3 },
    ]);
  });
});
