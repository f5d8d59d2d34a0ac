import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TerminalError } from '@ebb/core';
import type { CloudEvent } from '@ebb/events';
import { eventually } from '@ebb/test-database';
import type { Database, DeliveryKey, DeliveryResult } from '../database.ts';
import { deliveryOf, exampleEvent, serviceDatabase, type ServiceDatabase } from '../service-database.fixture.ts';
import { moveDueTimers } from '../timer/move-due-timers.ts';
import type { LeasedDelivery, WaitEnd } from './leased-delivery.ts';

const LEASE_MS = 60_000;
const DAY_MS = 86_400_000;
const APPROVED = 'dev.ebb.shop.thing.approved.v1';

describe('a leased delivery that waits', () => {
  let service: ServiceDatabase;
  let other: Database;

  beforeAll(async () => {
    service = await serviceDatabase();
    other = service.open();
  });
  afterAll(() => service.close());

  const lease = (delivery: DeliveryKey, run: Parameters<Database['lease']>[2], database = service.database) =>
    database.lease(delivery, LEASE_MS, run);
  const inboxOf = async ({ id }: DeliveryKey): Promise<Record<string, unknown> | undefined> =>
    (await service.rows('select * from inbox where event_id = $1', [id]))[0];
  /** What the relay has published: takes it out of the outbox. */
  const published = async ({ id }: DeliveryKey): Promise<readonly CloudEvent[]> =>
    (
      await service.rows<{ event: CloudEvent }>(
        `delete from outbox where topic = 'redelivery' and event ->> 'id' = $1 returning event`,
        [id],
      )
    ).map(({ event }) => event);
  const timeGoesBy = async (): Promise<void> => {
    await service.rows(`update timer set due_at = due_at - $1 * interval '1 millisecond'`, [DAY_MS]);
    while ((await moveDueTimers(service.outside, service.schema, 100)) > 0);
  };
  /** The delivery as it comes from the topic of redeliveries. */
  const again = (delivery: DeliveryKey, event: CloudEvent): DeliveryKey => ({
    ...delivery,
    event: { ...delivery.event, event },
  });

  const sleeping = async (leased: LeasedDelivery): Promise<'done' | 'waiting'> => {
    if (leased.steps.get('nap')?.state !== 'done' && !(await leased.sleep('nap', DAY_MS))) return 'waiting';
    await leased.finish(({ db }) => db`insert into effect (what) values ('awake')`.then(() => undefined));
    return 'done';
  };

  /** A handler that waits for an approval, and what it got. */
  function waiting(key: string, ends: (WaitEnd | undefined)[] = []) {
    return async (leased: LeasedDelivery): Promise<'done' | 'waiting'> => {
      const known = leased.steps.get('approval');
      if (known?.state !== 'done') {
        const end = await leased.waitFor('approval', { fn: 'sell', type: APPROVED, key }, DAY_MS);
        if (end.as === 'suspended') return 'waiting';
        ends.push(end);
      }
      await leased.finish(() => Promise.resolve());
      return 'done';
    };
  }
  const approval = (key: string): CloudEvent => exampleEvent({ type: APPROVED, partitionkey: key, data: { key } });
  const signal = (key: string, event = approval(key), database = service.database): Promise<DeliveryResult> =>
    database.signal(deliveryOf(event), { type: APPROVED, key });
  let keys = 0;
  const nextKey = (): string => `thing-${(keys += 1)}`;

  describe('for a time', () => {
    it('gives its lease back, answers who comes again, and is woken once that time is over', async () => {
      const delivery = deliveryOf();
      expect(await lease(delivery, sleeping)).toEqual({ outcome: 'waiting' });
      expect(await inboxOf(delivery)).toMatchObject({ status: 'waiting', lease_token: null, attempt: 1 });
      expect(await lease(delivery, sleeping)).toEqual({ outcome: 'waiting' });
      expect(await published(delivery)).toEqual([]);
      await timeGoesBy();
      const [redelivery, ...others] = await published(delivery);
      expect(others).toEqual([]);
      expect(redelivery).toMatchObject({ ...delivery.event.event, ebbtarget: 'shop/sell' });
      expect(await lease(again(delivery, redelivery!), sleeping)).toEqual({ outcome: 'done' });
      expect(await lease(again(delivery, redelivery!), sleeping)).toEqual({ outcome: 'duplicate' });
      expect(await lease(delivery, sleeping)).toEqual({ outcome: 'duplicate' });
      expect(await inboxOf(delivery)).toMatchObject({ attempt: 1 });
      expect(await service.rows('select * from effect')).toEqual([{ what: 'awake' }]);
    });

    it('is not kept from going on by a later event of its key that is parked', async () => {
      const event = exampleEvent({ partitionkey: 'a-key' });
      const [delivery, later] = [event, exampleEvent({ partitionkey: 'a-key' })].map((one) =>
        deliveryOf(one, { order: 'ordered' }),
      );
      await lease(delivery!, sleeping);
      const refused = await lease(later!, () => Promise.reject(new TerminalError('no')));
      expect(refused).toEqual({ outcome: 'parked', reason: 'terminal' });
      await timeGoesBy();
      const [redelivery] = await published(delivery!);
      expect(await lease(again(delivery!, redelivery!), sleeping)).toEqual({ outcome: 'done' });
    });

    it('goes on sleeping, by the same timer, when it is woken too early', async () => {
      const delivery = deliveryOf();
      await lease(delivery, sleeping);
      const before = await service.rows('select name, due_at from timer');
      const redelivery = { ...delivery.event.event, ebbtarget: 'shop/sell' };
      expect(await lease(again(delivery, redelivery), sleeping)).toEqual({ outcome: 'waiting' });
      expect(await service.rows('select name, due_at from timer')).toEqual(before);
      await timeGoesBy();
      expect(await published(delivery)).toHaveLength(1);
      expect(await lease(again(delivery, redelivery), sleeping)).toEqual({ outcome: 'done' });
    });
  });

  describe('for an event', () => {
    it('gets the one that comes later', async () => {
      const [delivery, key, ends] = [deliveryOf(), nextKey(), []];
      expect(await lease(delivery, waiting(key, ends))).toEqual({ outcome: 'waiting' });
      const approved = approval(key);
      expect(await signal(key, approved)).toEqual({ outcome: 'done' });
      const [redelivery] = await published(delivery);
      expect(await lease(again(delivery, redelivery!), waiting(key, ends))).toEqual({ outcome: 'done' });
      expect(ends).toEqual([{ as: 'came', event: approved }]);
      expect(await service.rows('select * from wait where event_id = $1', [delivery.id])).toEqual([]);
      await timeGoesBy();
      expect(await published(delivery)).toEqual([]);
    });

    it('gets the one that came before, without waiting', async () => {
      const [delivery, key, ends] = [deliveryOf(), nextKey(), []];
      const approved = approval(key);
      await signal(key, approved);
      expect(await lease(delivery, waiting(key, ends))).toEqual({ outcome: 'done' });
      expect(ends).toEqual([{ as: 'came', event: approved }]);
      expect(await service.rows('select * from timer')).toEqual([]);
    });

    it('gets none of another key, and nothing when its time is over', async () => {
      const [delivery, key, ends] = [deliveryOf(), nextKey(), []];
      await lease(delivery, waiting(key, ends));
      await signal(nextKey());
      expect(await published(delivery)).toEqual([]);
      await timeGoesBy();
      const [redelivery] = await published(delivery);
      expect(await lease(again(delivery, redelivery!), waiting(key, ends))).toEqual({ outcome: 'done' });
      expect(ends).toEqual([{ as: 'timed-out' }]);
    });

    it('takes one that comes twice for one', async () => {
      const key = nextKey();
      const [first, second] = [deliveryOf(), deliveryOf()];
      const approved = approval(key);
      expect(await signal(key, approved)).toEqual({ outcome: 'done' });
      expect(await signal(key, approved)).toEqual({ outcome: 'duplicate' });
      expect(await lease(first, waiting(key))).toEqual({ outcome: 'done' });
      expect(await lease(second, waiting(key))).toEqual({ outcome: 'waiting' });
    });

    it('gives each of two waits one of two events', async () => {
      const [key, ends] = [nextKey(), []];
      const deliveries = [deliveryOf(), deliveryOf()];
      for (const delivery of deliveries) await lease(delivery, waiting(key, ends));
      const approvals = [approval(key), approval(key)];
      await Promise.all(approvals.map((event, nth) => signal(key, event, nth === 0 ? other : undefined)));
      await Promise.all(
        deliveries.map(async (delivery, nth) => {
          const [redelivery] = await published(delivery);
          const end = lease(again(delivery, redelivery!), waiting(key, ends), nth === 0 ? other : undefined);
          expect(await end).toEqual({ outcome: 'done' });
        }),
      );
      const ids = (ends as { event: CloudEvent }[]).map(({ event }) => event.id);
      expect(ids.sort()).toEqual(approvals.map(({ id }) => id).sort());
    });

    it('misses none that comes while it begins to wait', async () => {
      for (let round = 0; round < 20; round += 1) {
        const [delivery, key, ends] = [deliveryOf(), nextKey(), [] as WaitEnd[]];
        const [began] = await Promise.all([lease(delivery, waiting(key, ends)), signal(key, approval(key), other)]);
        if (began.outcome === 'waiting') {
          const [redelivery] = await published(delivery);
          expect(await lease(again(delivery, redelivery!), waiting(key, ends))).toEqual({ outcome: 'done' });
        }
        expect(ends.map(({ as }) => as)).toEqual(['came']);
      }
    });

    it('decides once when it comes at the very end of the time', async () => {
      for (let round = 0; round < 10; round += 1) {
        const [delivery, key, ends] = [deliveryOf(), nextKey(), [] as WaitEnd[]];
        await lease(delivery, waiting(key, ends));
        await Promise.all([timeGoesBy(), signal(key, approval(key), other)]);
        const redeliveries = await published(delivery);
        expect(redeliveries.length).toBeGreaterThan(0);
        await Promise.all(
          redeliveries.map((redelivery, nth) =>
            eventually(async () => {
              const run = waiting(key, ends);
              const { outcome } = await lease(again(delivery, redelivery), run, nth === 0 ? other : undefined);
              return outcome === 'done' || outcome === 'duplicate';
            }),
          ),
        );
        expect(ends).toHaveLength(1);
      }
    });

    it('can wait again for what is left over', async () => {
      const key = nextKey();
      const approvals = [approval(key), approval(key)];
      for (const event of approvals) await signal(key, event);
      const got: (string | undefined)[] = [];
      const result = await lease(deliveryOf(), async (leased) => {
        for (const name of ['one', 'two', 'three']) {
          const end = await leased.waitFor(name, { fn: 'sell', type: APPROVED, key }, DAY_MS);
          if (end.as === 'suspended') return 'waiting';
          got.push(end.as === 'came' ? end.event.id : undefined);
        }
        return 'done';
      });
      expect({ result, got }).toEqual({ result: { outcome: 'waiting' }, got: approvals.map(({ id }) => id) });
    });
  });
});
