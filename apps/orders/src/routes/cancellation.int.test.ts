import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@ebb/core';
import { OrderCancelled, StockReleased, StockReleaseRequested, VoidRequested } from '@ebb/schemas';
import { exampleOf, testService, type TestService } from '@ebb/testing';
import { orders } from '../service.ts';
import { driveOf, type Drive } from '../saga/drive.fixture.ts';

let service: TestService;
let drive: Drive;

beforeAll(async () => {
  service = await testService(orders, {
    migrations: new URL('../../migrations', import.meta.url),
    config: { PAYMENT_WINDOW: 900_000 },
  });
  drive = driveOf(service);
});
afterAll(() => service.close());

const cancel = (orderId: string) => service.request('POST', `/orders/${orderId}/cancellation`);
const typesOf = (emitted: readonly { type: string }[]) => emitted.map(({ type }) => type);

describe('POST /orders/:orderId/cancellation', () => {
  it('undoes what was done so far, and ends as cancelled', async () => {
    const orderId = await drive.placed();
    await drive.reserved(orderId);
    const { status, headers, json, emitted } = await cancel(orderId);
    expect(status).toBe(202);
    expect(headers.location).toBe(`/orders/${orderId}`);
    expect(json()).toMatchObject({ status: 'releasing', next: [{ when: 'stock-released', then: 'cancelled' }] });
    expect(emitted).toMatchObject([{ type: StockReleaseRequested.type, data: { orderId } }]);

    const { emitted: told } = await service.deliver('follow-stock', exampleOf(StockReleased, { orderId }));
    expect(typesOf(told)).toEqual([OrderCancelled.type]);
    expect(await drive.show(orderId)).toMatchObject({
      status: 'cancelled',
      history: [
        { what: 'placed' },
        { what: 'stock-reserved' },
        { what: 'cancellation-requested' },
        { what: 'stock-released' },
        { what: 'cancelled' },
      ],
    });
  });

  it('gives the payment up first, while one is under way', async () => {
    const orderId = await drive.awaitingPayment();
    const { status, emitted } = await cancel(orderId);
    expect(status).toBe(202);
    expect(typesOf(emitted)).toEqual([VoidRequested.type]);
  });

  it('asked for again changes nothing', async () => {
    const orderId = await drive.placed();
    await cancel(orderId);
    expect(await cancel(orderId)).toMatchObject({ status: 202, emitted: [] });
    await service.deliver('follow-stock', exampleOf(StockReleased, { orderId }));
    expect(await cancel(orderId)).toMatchObject({ status: 200, emitted: [] });
  });

  it('is too late once the money is held, or the order is off for another reason', async () => {
    const authorized = await drive.authorized();
    expect(await cancel(authorized)).toMatchObject({ status: 409, emitted: [] });
    const expired = await drive.awaitingPayment();
    await drive.expired(expired);
    expect(await cancel(expired)).toMatchObject({ status: 409, emitted: [] });
  });

  it.each([newId(), 'no-id'])('answers 404 to an order that there is not: %s', async (id) => {
    expect(await cancel(id)).toMatchObject({ status: 404 });
  });

  it('races with the quote without harm: one of them is first', async () => {
    const orderIds = await Promise.all(Array.from({ length: 10 }, () => drive.placed()));
    await Promise.all(orderIds.flatMap((orderId) => [drive.reserved(orderId), drive.quoted(orderId), cancel(orderId)]));
    for (const orderId of orderIds) {
      const order = (await drive.show(orderId)) as { status: string; ending: string };
      expect(['voiding', 'releasing']).toContain(order.status);
      expect(order.ending).toBe('cancelled');
    }
  });
});
