import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@ebb/core';
import { OrderPlaced, StockRejected, StockReserved, totalOf, type OrderLine } from '@ebb/schemas';
import { exampleOf, testFunction, type TestFunction } from '@ebb/testing';
import { reserveStock } from './reserve-stock.ts';

let reserve: TestFunction;

beforeAll(async () => {
  reserve = await testFunction(reserveStock, { migrations: new URL('../../migrations', import.meta.url) });
});
afterAll(() => reserve.close());

type Wanted = readonly (readonly [sku: string, quantity: number])[];

function orderOf(...wanted: Wanted) {
  const lines: OrderLine[] = wanted.map(([sku, quantity]) => ({
    sku,
    quantity,
    unitPrice: { minorUnits: 1_250, currency: 'EUR' },
  }));
  return exampleOf(OrderPlaced, { orderId: newId(), lines, total: totalOf(lines) });
}

async function levelOf(sku: string) {
  const [level] = await reserve.db<{ on_hand: number; reserved: number }>`
    select on_hand, reserved from stock where sku = ${sku}`;
  return level;
}

describe('reserving stock', () => {
  it('sets aside what an order wants', async () => {
    const order = orderOf(['MUG-BLUE', 2], ['TEE-M', 1], ['MUG-BLUE', 1]);
    const { outcome, emitted } = await reserve.deliver(order);
    expect(outcome).toBe('done');
    expect(emitted).toMatchObject([
      {
        type: StockReserved.type,
        subject: order.subject,
        causationid: order.id,
        data: {
          orderId: order.subject,
          items: [
            { sku: 'MUG-BLUE', quantity: 3 },
            { sku: 'TEE-M', quantity: 1 },
          ],
        },
      },
    ]);
    expect(await levelOf('MUG-BLUE')).toEqual({ on_hand: 100, reserved: 3 });
    expect(await levelOf('TEE-M')).toEqual({ on_hand: 50, reserved: 1 });
  });

  it('sets nothing aside when something is missing, and says what', async () => {
    const order = orderOf(['LAMP-DESK', 4], ['MUG-RED', 1], ['UNICORN', 1]);
    const { outcome, emitted } = await reserve.deliver(order);
    expect(outcome).toBe('done');
    expect(emitted).toMatchObject([
      {
        type: StockRejected.type,
        data: {
          orderId: order.subject,
          shortages: [
            { sku: 'LAMP-DESK', wanted: 4, available: 3 },
            { sku: 'UNICORN', wanted: 1, available: 0 },
          ],
        },
      },
    ]);
    expect(await levelOf('MUG-RED')).toMatchObject({ reserved: 0 });
    expect(await levelOf('LAMP-DESK')).toMatchObject({ reserved: 0 });
  });

  it('has no second effect when the same event, or another event of the same order, comes again', async () => {
    const order = orderOf(['TEE-S', 5]);
    await reserve.deliver(order);
    const same = await reserve.deliver(order);
    const another = await reserve.deliver({ ...order, id: newId() });
    expect(same).toMatchObject({ outcome: 'duplicate', emitted: [] });
    expect(another).toMatchObject({ outcome: 'done', emitted: [] });
    expect(await levelOf('TEE-S')).toMatchObject({ reserved: 5 });
  });

  it('parks an order whose total is wrong', async () => {
    const order = orderOf(['TEE-L', 1]);
    const wrong = { ...order, data: { ...OrderPlaced.example, total: { minorUnits: 1, currency: 'EUR' } } };
    expect(await reserve.deliver(wrong)).toMatchObject({ outcome: 'parked', reason: 'schema', emitted: [] });
  });

  it('never oversells: of 50 orders at once for 20 posters, 20 get one', async () => {
    const deliveries = await Promise.all(Array.from({ length: 50 }, () => reserve.deliver(orderOf(['POSTER-A2', 1]))));
    const types = deliveries.map(({ emitted }) => emitted.map(({ type }) => type).join());
    expect(types.filter((type) => type === StockReserved.type)).toHaveLength(20);
    expect(types.filter((type) => type === StockRejected.type)).toHaveLength(30);
    expect(await levelOf('POSTER-A2')).toEqual({ on_hand: 20, reserved: 20 });
  });

  it('does not deadlock when orders want the same products in different lines', async () => {
    const orders = Array.from({ length: 30 }, (_, at) =>
      at % 2 === 0 ? orderOf(['MUG-RED', 1], ['TEE-L', 1]) : orderOf(['TEE-L', 1], ['MUG-RED', 1]),
    );
    const deliveries = await Promise.all(orders.map((order) => reserve.deliver(order)));
    expect(deliveries.map(({ outcome }) => outcome)).toEqual(orders.map(() => 'done'));
    expect(await levelOf('TEE-L')).toMatchObject({ reserved: 30 });
  });

  it('is held by the table, whatever the code does', async () => {
    await expect(reserve.db`update stock set reserved = on_hand + 1 where sku = 'MUG-BLUE'`).rejects.toThrow(
      /never_oversold/,
    );
  });
});
