import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@ebb/core';
import { OrderConfirmed, OrderPlaced, StockReleased, StockReleaseRequested, StockReserved } from '@ebb/schemas';
import { exampleOf, testService, type TestService } from '@ebb/testing';
import { inventory } from '../service.ts';

let service: TestService;

beforeAll(async () => {
  service = await testService(inventory, { migrations: new URL('../../migrations', import.meta.url) });
});
afterAll(() => service.close());

const unitPrice = { minorUnits: 100, currency: 'EUR' };

const reserve = (orderId: string, sku: string, quantity: number) => {
  const total = { minorUnits: 100 * quantity, currency: 'EUR' };
  const order = exampleOf(OrderPlaced, { orderId, lines: [{ sku, quantity, unitPrice }], total });
  return service.deliver('reserve-stock', order);
};
const release = (orderId: string) => service.deliver('release-stock', exampleOf(StockReleaseRequested, { orderId }));
const confirm = (orderId: string) => service.deliver('commit-stock', exampleOf(OrderConfirmed, { orderId }));
const levelOf = async (sku: string) => (await service.request('GET', `/stock/${sku}`)).json();

describe('release-stock', () => {
  it('puts back what was set aside, once', async () => {
    const orderId = newId();
    await reserve(orderId, 'MUG-RED', 3);
    const { emitted } = await release(orderId);
    expect(emitted).toMatchObject([
      { type: StockReleased.type, data: { orderId, items: [{ sku: 'MUG-RED', quantity: 3 }] } },
    ]);
    expect(await release(orderId)).toMatchObject({ outcome: 'done', emitted: [] });
    expect(await levelOf('MUG-RED')).toMatchObject({ onHand: 100, reserved: 0 });
  });

  it('that overtakes the order lets nothing be set aside for it any more', async () => {
    const orderId = newId();
    expect((await release(orderId)).emitted).toMatchObject([{ type: StockReleased.type, data: { items: [] } }]);
    expect(await reserve(orderId, 'TEE-S', 3)).toMatchObject({ outcome: 'done', emitted: [] });
    expect(await levelOf('TEE-S')).toMatchObject({ reserved: 0 });
  });

  it('answers for an order that had been rejected, too', async () => {
    const orderId = newId();
    await reserve(orderId, 'LAMP-DESK', 4);
    expect((await release(orderId)).emitted).toMatchObject([{ type: StockReleased.type, data: { items: [] } }]);
  });

  it('and the reservation at the same time end with nothing set aside', async () => {
    const orderIds = Array.from({ length: 20 }, () => newId());
    const deliveries = await Promise.all(
      orderIds.flatMap((orderId) => [reserve(orderId, 'TEE-L', 1), release(orderId)]),
    );
    const emitted = deliveries.flatMap((delivery) => delivery.emitted.map(({ type }) => type));
    expect(emitted.filter((type) => type === StockReleased.type)).toHaveLength(20);
    expect(emitted.filter((type) => type === StockReserved.type).length).toBeLessThanOrEqual(20);
    expect(await levelOf('TEE-L')).toMatchObject({ onHand: 50, reserved: 0, available: 50 });
  });
});

describe('commit-stock', () => {
  it('takes what was set aside out of the warehouse, once', async () => {
    const orderId = newId();
    await reserve(orderId, 'POSTER-A2', 2);
    await confirm(orderId);
    expect(await confirm(orderId)).toMatchObject({ outcome: 'done' });
    expect(await levelOf('POSTER-A2')).toMatchObject({ onHand: 18, reserved: 0, available: 18 });
  });

  it('parks a confirmation for which nothing is set aside', async () => {
    expect(await confirm(newId())).toMatchObject({ outcome: 'parked', reason: 'terminal' });
  });

  it('is final: a release that comes later is parked', async () => {
    const orderId = newId();
    await reserve(orderId, 'MUG-BLUE', 1);
    await confirm(orderId);
    expect(await release(orderId)).toMatchObject({ outcome: 'parked', reason: 'terminal' });
  });
});
