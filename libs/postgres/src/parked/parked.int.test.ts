import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RetryableError, TerminalError } from '@ebb/core';
import { deliveryOf, exampleEvent, serviceDatabase, type ServiceDatabase } from '../service-database.fixture.ts';
import type { DeliveryKey } from '../database.ts';
import { sendDueParked } from './send-due-parked.ts';

describe('a parked event', () => {
  let service: ServiceDatabase;

  beforeAll(async () => {
    service = await serviceDatabase();
  });
  afterAll(() => service.close());

  const ordered = (key: string): DeliveryKey => deliveryOf(exampleEvent({ partitionkey: key }), { order: 'ordered' });
  const failing = (): Promise<never> => Promise.reject(new TerminalError('never'));
  const rowOf = async ({ id }: DeliveryKey): Promise<Record<string, unknown> | undefined> =>
    (await service.rows('select * from parked where event_id = $1', [id]))[0];
  const sentTo = ({ id }: DeliveryKey): Promise<Record<string, unknown>[]> =>
    service.rows(
      `select topic, event, partition_key from outbox where topic = 'redelivery' and event ->> 'id' = $1 order by id`,
      [id],
    );

  it('holds up later events of its key for an ordered function, and no others', async () => {
    const [first, second, other] = [ordered('a'), ordered('a'), ordered('b')];
    await service.database.deliver(first, failing);
    const run = (): Promise<void> => Promise.resolve();
    expect(await service.database.deliver(second, run)).toEqual({ outcome: 'parked', reason: 'behind' });
    expect(await service.database.deliver(second, run)).toEqual({ outcome: 'parked', reason: 'behind' });
    expect(await service.database.deliver(other, run)).toEqual({ outcome: 'done' });
    expect(await service.database.deliver({ ...second, fn: 'count' }, run)).toEqual({ outcome: 'done' });
    expect(await service.database.deliver(deliveryOf(exampleEvent({ partitionkey: 'a' })), run)).toEqual({
      outcome: 'done',
    });
    expect(await rowOf(second)).toMatchObject({
      reason: 'behind',
      attempt: 0,
      key: 'a',
      target: 'shop/sell',
      redriven_at: null,
    });
  });

  it('that asks for a longer wait than a broker makes is sent on when it is due, with its attempts counted on', async () => {
    const delivery = deliveryOf(exampleEvent(), { patienceMs: 1_000, headers: { traceparent: 'tp' } });
    const late = (): Promise<never> => Promise.reject(new RetryableError('closed', { after: '1h' }));
    expect(await service.database.deliver(delivery, late)).toEqual({ outcome: 'parked', reason: 'delayed' });
    expect(await sendDueParked(service.outside, 'shop')).toBe(0);
    expect(await sendDueParked(service.outside, 'shop', new Date(Date.now() + 3_700_000))).toBe(1);
    expect(await sendDueParked(service.outside, 'shop', new Date(Date.now() + 3_700_000))).toBe(0);
    expect(await sentTo(delivery)).toMatchObject([
      { partition_key: 'thing-1', event: { ebbtarget: 'shop/sell', id: delivery.id, data: { thing: 1 } } },
    ]);
    expect(await service.database.deliver(delivery, late)).toEqual({ outcome: 'parked', reason: 'delayed' });
    expect(await rowOf(delivery)).toMatchObject({
      attempt: 2,
      redriven_at: null,
      redrive_count: 0,
      headers: { traceparent: 'tp' },
    });
    expect(await sendDueParked(service.outside, 'shop', new Date(Date.now() + 3_700_000))).toBe(1);
    expect(await service.database.deliver(delivery, late)).toEqual({ outcome: 'parked', reason: 'budget' });
    expect(await rowOf(delivery)).toMatchObject({ reason: 'budget', available_at: null, attempt: 3 });
  });

  it('closes in the transaction in which it takes effect', async () => {
    const delivery = deliveryOf(exampleEvent(), { patienceMs: 0 });
    await service.database.deliver(delivery, () => Promise.reject(new RetryableError('soon', { after: '1s' })));
    await sendDueParked(service.outside, 'shop', new Date(Date.now() + 60_000));
    expect(await service.database.deliver(delivery, () => Promise.resolve())).toEqual({ outcome: 'done' });
    expect(await rowOf(delivery)).toMatchObject({ closed_as: 'done', closed_at: expect.any(Date) });
  });
});
