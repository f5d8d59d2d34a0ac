import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@ebb/core';
import { OrderConfirmed, OrderPlaced, OrderRejected, StockRejected, StockReserved } from '@ebb/schemas';
import { exampleOf, testService, type TestService } from '@ebb/testing';
import { orders } from '../service.ts';

let service: TestService;

beforeAll(async () => {
  service = await testService(orders, { migrations: new URL('../../migrations', import.meta.url) });
});
afterAll(() => service.close());

/** An order that somebody published straight to the broker. */
async function recordedOrder(): Promise<string> {
  const orderId = newId();
  await service.deliver('record-order', exampleOf(OrderPlaced, { orderId }, { time: '2026-11-21T07:00:00Z' }));
  return orderId;
}

const show = async (orderId: string) => (await service.request('GET', `/orders/${orderId}`)).json();

describe('record-order', () => {
  it('takes in an order that was published from outside, as of when it was placed', async () => {
    const orderId = await recordedOrder();
    expect(await show(orderId)).toEqual({
      ...OrderPlaced.example,
      orderId,
      status: 'placed',
      placedAt: '2026-11-21T07:00:00.000Z',
      history: [{ what: 'placed', at: '2026-11-21T07:00:00.000Z' }],
    });
  });

  it('lets an order be that is there already', async () => {
    const placed = await service.request('POST', '/orders', { body: { lines: OrderPlaced.example.lines } });
    const [event] = placed.emitted;
    expect(await service.deliver('record-order', event!)).toMatchObject({ outcome: 'done' });
    expect(await show(event!.subject!)).toMatchObject({ history: [{ what: 'placed' }] });
  });

  it('parks another order under the same id', async () => {
    const orderId = await recordedOrder();
    const [line] = OrderPlaced.example.lines;
    const other = exampleOf(OrderPlaced, { orderId, lines: [{ ...line!, quantity: 1 }], total: line!.unitPrice });
    expect(await service.deliver('record-order', other)).toMatchObject({ outcome: 'parked', reason: 'terminal' });
  });
});

describe('confirm-order', () => {
  it('confirms an order whose stock is set aside', async () => {
    const orderId = await recordedOrder();
    const reserved = exampleOf(StockReserved, { orderId }, { time: '2026-11-21T07:00:01Z' });
    const { outcome, emitted } = await service.deliver('confirm-order', reserved);
    expect(outcome).toBe('done');
    expect(emitted).toMatchObject([
      {
        type: OrderConfirmed.type,
        subject: orderId,
        causationid: reserved.id,
        data: { orderId, total: OrderPlaced.example.total },
      },
    ]);
    expect(await show(orderId)).toMatchObject({
      status: 'confirmed',
      history: [{ what: 'placed' }, { what: 'stock-reserved', at: '2026-11-21T07:00:01.000Z' }, { what: 'confirmed' }],
    });
  });

  it('confirms once', async () => {
    const orderId = await recordedOrder();
    await service.deliver('confirm-order', exampleOf(StockReserved, { orderId }));
    const again = await service.deliver('confirm-order', exampleOf(StockReserved, { orderId }));
    expect(again).toMatchObject({ outcome: 'done', emitted: [] });
  });

  it('comes again for an order that is not known yet', async () => {
    const early = await service.deliver('confirm-order', exampleOf(StockReserved, { orderId: newId() }));
    expect(early).toMatchObject({ outcome: 'retry', problem: { status: 503 }, emitted: [] });
  });
});

describe('reject-order', () => {
  it('rejects an order for which something was missing, and says what', async () => {
    const orderId = await recordedOrder();
    const { shortages } = StockRejected.example;
    const { emitted } = await service.deliver('reject-order', exampleOf(StockRejected, { orderId }));
    expect(emitted).toMatchObject([{ type: OrderRejected.type, data: { orderId, reason: 'out-of-stock', shortages } }]);
    expect(await show(orderId)).toMatchObject({
      status: 'rejected',
      history: [
        { what: 'placed' },
        { what: 'stock-rejected', reason: 'MUG-BLUE (2 wanted, 1 available)' },
        { what: 'rejected', reason: 'out of stock' },
      ],
    });
  });

  it('never rejects what is confirmed', async () => {
    const orderId = await recordedOrder();
    await service.deliver('confirm-order', exampleOf(StockReserved, { orderId }));
    const late = await service.deliver('reject-order', exampleOf(StockRejected, { orderId }));
    expect(late).toMatchObject({ outcome: 'parked', reason: 'terminal', emitted: [] });
    expect(await show(orderId)).toMatchObject({ status: 'confirmed' });
  });
});
