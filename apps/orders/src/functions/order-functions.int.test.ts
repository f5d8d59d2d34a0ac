import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@ebb/core';
import {
  CaptureRefused,
  CaptureRequested,
  LabelCreated,
  OrderConfirmed,
  OrderExpired,
  OrderPlaced,
  OrderRejected,
  PaymentAuthorized,
  PaymentDeclined,
  PaymentRequested,
  PaymentVoided,
  PaymentWindowExpired,
  ShippingQuoted,
  ShippingRejected,
  StockRejected,
  StockReleased,
  StockReleaseRequested,
  StockReserved,
  VoidRequested,
} from '@ebb/schemas';
import { exampleOf, testService, type TestService } from '@ebb/testing';
import { driveOf, type Drive } from '../saga/drive.fixture.ts';
import { orders } from '../service.ts';

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

const { lines, total, shipTo } = OrderPlaced.example;
const amount = PaymentRequested.example.amount;

describe('record-order', () => {
  it('takes in an order that was published from outside, as of when it was placed', async () => {
    const orderId = await drive.placed();
    expect(await drive.show(orderId)).toMatchObject({
      ...{ orderId, lines, total, shipTo },
      status: 'placed',
      placedAt: '2026-11-21T07:00:00.000Z',
      history: [{ what: 'placed', at: '2026-11-21T07:00:00.000Z' }],
    });
  });

  it('lets an order be that is there already', async () => {
    const placed = await service.request('POST', '/orders', { body: { lines } });
    const [event] = placed.emitted;
    expect(await service.deliver('record-order', event!)).toMatchObject({ outcome: 'done' });
    expect(await drive.show(event!.subject!)).toMatchObject({ history: [{ what: 'placed' }] });
  });

  it('parks another order under the same id', async () => {
    const orderId = await drive.placed();
    const other = exampleOf(OrderPlaced, { orderId, paymentToken: 'tok_slow' });
    expect(await service.deliver('record-order', other)).toMatchObject({ outcome: 'parked', reason: 'terminal' });
  });
});

describe('an order', () => {
  it('asks for its payment, and gives it a time, when stock and quote are there', async () => {
    const orderId = await drive.placed();
    expect(await drive.quoted(orderId)).toMatchObject({ outcome: 'done', emitted: [] });
    const { emitted } = await drive.reserved(orderId);
    expect(emitted).toMatchObject([
      { type: PaymentRequested.type, subject: orderId, data: { orderId, amount, paymentToken: 'tok_ok' } },
    ]);
    expect(await timers(orderId)).toEqual([PaymentWindowExpired.type]);
  });

  it('is confirmed when it is paid for and has a label', async () => {
    const orderId = await drive.awaitingPayment();
    const authorized = await service.deliver('follow-payment', exampleOf(PaymentAuthorized, { orderId }));
    expect(authorized.emitted).toMatchObject([{ type: CaptureRequested.type }]);
    expect(await timers(orderId)).toEqual([]);
    const captured = await drive.captured();
    const label = exampleOf(LabelCreated, { orderId: captured });
    expect((await service.deliver('follow-shipping', label)).emitted).toMatchObject([
      { type: OrderConfirmed.type, causationid: label.id, data: { orderId: captured, total } },
    ]);
    expect(await drive.show(captured)).toMatchObject({
      status: 'confirmed',
      trackingNumber: LabelCreated.example.trackingNumber,
      history: [
        { what: 'placed' },
        { what: 'stock-reserved', at: '2026-11-21T07:00:01.000Z' },
        { what: 'shipping-quoted' },
        { what: 'payment-authorized' },
        { what: 'payment-captured' },
        { what: 'label-created' },
        { what: 'confirmed' },
      ],
      next: [],
    });
  });

  it('is rejected at once when something is out of stock', async () => {
    const orderId = await drive.placed();
    const { emitted } = await service.deliver('follow-stock', exampleOf(StockRejected, { orderId }));
    const reason = 'MUG-BLUE (2 wanted, 1 available)';
    expect(emitted).toMatchObject([{ type: OrderRejected.type, data: { orderId, reason } }]);
    expect(await drive.show(orderId)).toMatchObject({ status: 'rejected', reason });
  });

  it.each([
    ['shipping', 'follow-shipping', () => drive.placed(), ShippingRejected],
    ['payment', 'follow-payment', () => drive.awaitingPayment(), PaymentDeclined],
  ] as const)('puts its stock back and is rejected when there is no %s', async (_what, fn, make, event) => {
    const orderId = await make();
    const refused = await service.deliver(fn, exampleOf(event, { orderId }));
    expect(refused.emitted).toMatchObject([{ type: StockReleaseRequested.type }]);
    const released = await service.deliver('follow-stock', exampleOf(StockReleased, { orderId }));
    expect(released.emitted).toMatchObject([{ type: OrderRejected.type, data: { reason: event.example.reason } }]);
    expect(await timers(orderId)).toEqual([]);
  });

  it('gives its payment up, then its stock, when the money cannot be captured', async () => {
    const orderId = await drive.authorized();
    const refused = await service.deliver('follow-payment', exampleOf(CaptureRefused, { orderId }));
    expect(refused.emitted).toMatchObject([{ type: VoidRequested.type }]);
    const voided = await service.deliver('follow-payment', exampleOf(PaymentVoided, { orderId }));
    expect(voided.emitted).toMatchObject([{ type: StockReleaseRequested.type }]);
    const released = await service.deliver('follow-stock', exampleOf(StockReleased, { orderId }));
    expect(released.emitted).toMatchObject([{ type: OrderRejected.type }]);
  });

  it('expires when its payment does not come in time; one that comes later changes nothing', async () => {
    const orderId = await drive.awaitingPayment();
    expect((await drive.expired(orderId)).emitted).toMatchObject([{ type: VoidRequested.type }]);
    const late = await service.deliver('follow-payment', exampleOf(PaymentAuthorized, { orderId }));
    expect(late).toMatchObject({ outcome: 'done', emitted: [] });
    await service.deliver('follow-payment', exampleOf(PaymentVoided, { orderId }));
    const released = await service.deliver('follow-stock', exampleOf(StockReleased, { orderId }));
    expect(released.emitted).toMatchObject([{ type: OrderExpired.type }]);
  });

  it('does not expire when its payment came first', async () => {
    const orderId = await drive.authorized();
    expect(await drive.expired(orderId)).toMatchObject({ outcome: 'done', emitted: [] });
    expect(await drive.show(orderId)).toMatchObject({ status: 'authorized' });
  });

  it('takes each news once', async () => {
    const orderId = await drive.awaitingPayment();
    expect(await drive.reserved(orderId)).toMatchObject({ outcome: 'done', emitted: [] });
    expect(await drive.quoted(orderId)).toMatchObject({ outcome: 'done', emitted: [] });
  });

  it('lets news come again that came too early', async () => {
    const unknown = exampleOf(StockReserved, { orderId: newId() });
    expect(await service.deliver('follow-stock', unknown)).toMatchObject({ outcome: 'retry', emitted: [] });
    const early = exampleOf(LabelCreated, { orderId: await drive.authorized() });
    expect(await service.deliver('follow-shipping', early)).toMatchObject({ outcome: 'retry', emitted: [] });
  });

  it('shows news to a person that cannot be', async () => {
    const orderId = await drive.placed();
    const forged = await service.deliver('follow-payment', exampleOf(PaymentAuthorized, { orderId }));
    expect(forged).toMatchObject({ outcome: 'parked', reason: 'terminal', emitted: [] });
    const quote = exampleOf(ShippingQuoted, { orderId, price: { minorUnits: 1, currency: 'USD' } });
    expect(await service.deliver('follow-shipping', quote)).toMatchObject({ outcome: 'parked' });
    expect(await drive.show(orderId)).toMatchObject({ status: 'placed' });
  });
});

/** The types of the events that are still to come for an order by themselves. */
async function timers(orderId: string): Promise<readonly string[]> {
  const rows = await service.db<{ type: string }>`
    select event->>'type' as type from timer where event->>'subject' = ${orderId}`;
  return rows.map(({ type }) => type);
}
