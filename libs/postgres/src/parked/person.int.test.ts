import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deferred, TerminalError } from '@ebb/core';
import { eventually } from '@ebb/test-database';
import type { DeliveryKey } from '../database.ts';
import { deliveryOf, exampleEvent, serviceDatabase, type ServiceDatabase } from '../service-database.fixture.ts';
import { discardParked } from './discard-parked.ts';
import { editParked } from './edit-parked.ts';
import { countParked, listParked, showParked } from './list-parked.ts';
import { parkDeadLetter } from './park-dead-letter.ts';
import { matchingParked, redriveParked } from './redrive-parked.ts';
import { MAX_REDRIVES } from './refusal.ts';

const failing = (): Promise<never> => Promise.reject(new TerminalError('never', { cause: new Error('the reason') }));
const working = (): Promise<void> => Promise.resolve();

describe('what a person does with parked events', () => {
  let service: ServiceDatabase;

  beforeAll(async () => {
    service = await serviceDatabase();
  });
  afterAll(() => service.close());

  const park = async (delivery: DeliveryKey = deliveryOf()): Promise<string> => {
    await service.database.deliver(delivery, failing);
    const [row] = await service.rows<{ id: string }>(
      'select id from parked where event_id = $1 and fn = $2 and closed_at is null',
      [delivery.id, delivery.fn],
    );
    return row!.id;
  };
  const show = async (id: string) => (await showParked(service.outside, 'shop', id))!;
  const sent = (eventId: string): Promise<{ event: Record<string, unknown> }[]> =>
    service.rows(`select event from outbox where topic = 'redelivery' and event ->> 'id' = $1 order by id`, [eventId]);

  it('list: finds them by what they are, page by page, the newest first', async () => {
    const type = 'dev.ebb.shop.thing.lost.v1';
    const ids: string[] = [];
    for (let nth = 0; nth < 5; nth += 1) {
      ids.unshift(await park(deliveryOf(exampleEvent({ type, partitionkey: `list-${nth}` }), { fn: 'list' })));
    }
    const list = async (options: Partial<Parameters<typeof listParked>[2]>) =>
      (await listParked(service.outside, 'shop', { limit: 100, fn: 'list', ...options })).map(({ id }) => id);
    expect(await list({})).toEqual(ids);
    expect(await list({ type: 'dev.ebb.shop.*' })).toEqual(ids);
    expect(await list({ type: 'dev.ebb.shop.*', reason: 'schema' })).toEqual([]);
    expect(await list({ type, reason: 'terminal', key: 'list-4' })).toEqual(ids.slice(0, 1));
    expect(await list({ since: new Date(Date.now() + 60_000) })).toEqual([]);
    expect(await list({ until: new Date(Date.now() + 60_000) })).toEqual(ids);
    const pages: string[] = [];
    for (let after: { id: string; parkedAt: Date } | undefined; ;) {
      const page = await listParked(service.outside, 'shop', { fn: 'list', limit: 2, ...(after && { after }) });
      if (page.length === 0) break;
      pages.push(...page.map(({ id }) => id));
      after = page.at(-1);
    }
    expect(pages).toEqual(ids);
    expect(await countParked(service.outside, 'shop', { fn: 'list' })).toEqual({
      waiting: { terminal: 5 },
      onTheirWay: 0,
      redrivable: 5,
    });
  });

  it('show: tells the error with its stack and its cause, the event, its headers and its trace', async () => {
    const delivery = deliveryOf(exampleEvent(), { headers: { traceparent: 'a hop' } });
    expect(await show(await park(delivery))).toMatchObject({
      state: 'waiting',
      message: 'TerminalError: never',
      error: expect.stringMatching(/^TerminalError: never\n +at [^]*Caused by Error: the reason\n +at /),
      event: { id: delivery.id, data: { thing: 1 } },
      headers: { traceparent: 'a hop' },
      traceId: delivery.traceId,
      attempts: 1,
      redrives: 0,
    });
    expect(await showParked(service.outside, 'shop', '987654321')).toBeUndefined();
  });

  it('redrive: sends the event to its function again, and the row closes when it took effect', async () => {
    const delivery = deliveryOf();
    const id = await park(delivery);
    const { outside } = service;
    expect(await redriveParked(outside, 'shop', id)).toEqual({ id, outcome: 'redriven', redrives: 1 });
    expect(await sent(delivery.id)).toMatchObject([
      { event: { ebbtarget: 'shop/sell', redrivecount: 1, partitionkey: 'thing-1', source: '/svc/shop' } },
    ]);
    expect(await show(id)).toMatchObject({ state: 'on-its-way' });
    expect(await redriveParked(outside, 'shop', id)).toMatchObject({ outcome: 'on-its-way' });
    expect(await redriveParked(outside, 'shop', id, { force: true })).toMatchObject({
      outcome: 'redriven',
      redrives: 2,
    });
    expect(await service.database.deliver(delivery, working)).toEqual({ outcome: 'done' });
    expect(await service.database.deliver(delivery, working)).toEqual({ outcome: 'duplicate' });
    expect(await show(id)).toMatchObject({ state: 'done' });
    expect(await redriveParked(outside, 'shop', id)).toMatchObject({ outcome: 'closed' });
    expect(await redriveParked(outside, 'shop', '987654321')).toMatchObject({ outcome: 'not-found' });
  });

  it('redrive: opens the same row again when it fails again, and stops at the loop guard', async () => {
    const delivery = deliveryOf();
    const id = await park(delivery);
    for (let nth = 1; nth <= MAX_REDRIVES; nth += 1) {
      expect(await redriveParked(service.outside, 'shop', id)).toMatchObject({ outcome: 'redriven', redrives: nth });
      expect(await service.database.deliver(delivery, failing)).toEqual({ outcome: 'parked', reason: 'terminal' });
    }
    expect(await show(id)).toMatchObject({ state: 'waiting', redrives: MAX_REDRIVES, attempts: 1 });
    expect(await redriveParked(service.outside, 'shop', id)).toMatchObject({ outcome: 'loop-guard' });
    expect(await redriveParked(service.outside, 'shop', id, { force: true })).toMatchObject({ outcome: 'redriven' });
  });

  it('redrive: keeps the order of a key, and refuses what can never take effect', async () => {
    const ordered = (): DeliveryKey =>
      deliveryOf(exampleEvent({ partitionkey: 'turn' }), { order: 'ordered', fn: 'turn' });
    const [first, second] = [ordered(), ordered()];
    const head = await park(first);
    const behind = await park(second);
    expect(await show(behind)).toMatchObject({
      reason: 'behind',
      message: `waits for shop:${head}, an earlier event of its key`,
    });
    expect(await redriveParked(service.outside, 'shop', behind, { force: true })).toMatchObject({ outcome: 'behind' });
    const next = (after: string) => matchingParked(service.outside, 'shop', { fn: 'turn' }, after, 10);
    expect([await next('0'), await next(head), await next(behind)]).toEqual([[head, behind], [behind], []]);
    expect(await countParked(service.outside, 'shop', { fn: 'turn' })).toMatchObject({ redrivable: 1 });
    expect(await redriveParked(service.outside, 'shop', head)).toMatchObject({ outcome: 'redriven' });
    expect(await countParked(service.outside, 'shop', { fn: 'turn' })).toMatchObject({ redrivable: 0, onTheirWay: 1 });
    await service.database.deliver(first, working);
    expect(await show(behind)).toMatchObject({ state: 'on-its-way', redrives: 0 });
    expect((await sent(second.id))[0]?.event).not.toHaveProperty('redrivecount');

    const known = deliveryOf();
    await service.database.deliver(known, working);
    const forged = await park(deliveryOf(exampleEvent({ id: known.id, data: { thing: 2 } })));
    expect(await redriveParked(service.outside, 'shop', forged)).toMatchObject({ outcome: 'payload-mismatch' });
  });

  it('discard: it never takes effect, not even a copy that is on its way, and the next of its key goes on', async () => {
    const ordered = (): DeliveryKey =>
      deliveryOf(exampleEvent({ partitionkey: 'gone' }), { order: 'ordered', fn: 'gone' });
    const [first, second] = [ordered(), ordered()];
    const id = await park(first);
    const behind = await park(second);
    await redriveParked(service.outside, 'shop', id);
    expect(await discardParked(service.outside, 'shop', id, 'ordered by mistake')).toEqual({
      id,
      outcome: 'discarded',
    });
    expect(await discardParked(service.outside, 'shop', id, 'again')).toMatchObject({ outcome: 'closed' });
    expect(await show(id)).toMatchObject({ state: 'discarded', note: 'ordered by mistake' });
    expect(await service.database.deliver(first, working)).toMatchObject({ outcome: 'parked' });
    expect(await show(behind)).toMatchObject({ state: 'on-its-way' });
    expect(await service.database.deliver(second, working)).toEqual({ outcome: 'done' });
  });

  it('edit: a new event takes its place, with the old one as its cause, and goes ahead of what waited', async () => {
    const ordered = (): DeliveryKey =>
      deliveryOf(exampleEvent({ partitionkey: 'mend' }), { order: 'ordered', fn: 'mend' });
    const [first, second] = [ordered(), ordered()];
    const id = await park(first);
    const behind = await park(second);
    const edited = await editParked(service.outside, 'shop', id, { data: { thing: 7 }, note: 'a typing error' });
    expect(edited).toMatchObject({ outcome: 'edited' });
    const { eventId, successor } = edited as { eventId: string; successor: string };
    expect(await show(id)).toMatchObject({ state: 'edited', note: 'a typing error' });
    expect(await show(successor)).toMatchObject({ state: 'on-its-way', replaces: id, event: { data: { thing: 7 } } });
    expect(await show(behind)).toMatchObject({ state: 'waiting', reason: 'behind' });
    const [{ event }] = (await sent(eventId)) as [{ event: Record<string, unknown> }];
    expect(event).toMatchObject({
      causationid: first.id,
      correlationid: first.id,
      data: { thing: 7 },
      ebbtarget: 'shop/mend',
    });
    const next = deliveryOf(exampleEvent({ ...event, partitionkey: 'mend' }), { order: 'ordered', fn: 'mend' });
    expect(await service.database.deliver(first, working)).toMatchObject({ outcome: 'parked' });
    expect(await service.database.deliver(next, working)).toEqual({ outcome: 'done' });
    expect(await show(successor)).toMatchObject({ state: 'done' });
    expect(await show(behind)).toMatchObject({ state: 'on-its-way' });
    expect(await editParked(service.outside, 'shop', id, { data: {} })).toMatchObject({ outcome: 'closed' });
  });

  it.each(['invoice-1', 'invoice-2'])(
    'edit: works for a business key, whether the edit changes it or not (%s)',
    async (after) => {
      const fn = `bill-${after}`;
      const delivery = deliveryOf(exampleEvent(), { fn, businessKey: 'invoice-1' });
      const id = await park(delivery);
      const { eventId } = await editParked(service.outside, 'shop', id, { data: { thing: 8 } });
      const [{ event }] = (await sent(eventId!)) as [{ event: Record<string, unknown> }];
      const next = deliveryOf(exampleEvent({ ...event }), { fn, businessKey: after });
      expect(await service.database.deliver(next, working)).toEqual({ outcome: 'done' });
      expect(await service.database.deliver(next, working)).toEqual({ outcome: 'duplicate' });
      expect(await service.database.deliver(delivery, working)).toEqual({
        outcome: 'parked',
        reason: 'payload-mismatch',
      });
    },
  );

  it('edit: is refused when steps of the event have run, which a new event would run again', async () => {
    const delivery = deliveryOf();
    const id = await park(delivery);
    await service.rows(
      `insert into step (fn, source, event_id, name, nth, state) values ('sell', $1, $2, 'charge', 0, 'done')`,
      [delivery.source, delivery.id],
    );
    expect(await editParked(service.outside, 'shop', id, { data: {} })).toMatchObject({ outcome: 'has-steps' });
  });

  it('a dead letter of a broker stands beside them, unless the event took effect after all', async () => {
    const { event } = deliveryOf();
    const letter = {
      service: 'shop',
      fn: 'sell',
      event,
      error: '503 of http://shop',
      headers: { knativeerrorcode: '503' },
    };
    const id = await parkDeadLetter(service.outside, 'shop', letter);
    expect(await parkDeadLetter(service.outside, 'shop', letter)).toBeUndefined();
    expect(await show(id!)).toMatchObject({
      reason: 'dead-letter',
      headers: { knativeerrorcode: '503' },
      message: '503 of http://shop',
    });
    await redriveParked(service.outside, 'shop', id!);
    expect(await parkDeadLetter(service.outside, 'shop', letter)).toBe(id);
    await redriveParked(service.outside, 'shop', id!);
    expect(await service.database.deliver(deliveryOf(event.event), working)).toEqual({ outcome: 'done' });
    expect(await show(id!)).toMatchObject({ state: 'done' });
    expect(await parkDeadLetter(service.outside, 'shop', letter)).toBeUndefined();
  });

  it('what is parked behind an event just when that one takes effect is not forgotten', async () => {
    const ordered = (): DeliveryKey =>
      deliveryOf(exampleEvent({ partitionkey: 'race' }), { order: 'ordered', fn: 'race' });
    for (let round = 0; round < 20; round += 1) {
      const [first, second] = [ordered(), ordered()];
      await redriveParked(service.outside, 'shop', await park(first));
      const [started, finish] = [deferred(), deferred()];
      const closing = service.database.deliver(first, async () => {
        started.resolve();
        await finish.promise;
      });
      await started.promise;
      const parking = service.database.deliver(second, working);
      finish.resolve();
      expect(await closing).toEqual({ outcome: 'done' });
      const { outcome } = await parking;
      if (outcome === 'parked') {
        await eventually(async () => (await sent(second.id)).length === 1);
        expect(await service.database.deliver(second, working)).toEqual({ outcome: 'done' });
      }
    }
    expect(await listParked(service.outside, 'shop', { fn: 'race', limit: 10 })).toEqual([]);
  });
});
