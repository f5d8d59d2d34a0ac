import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@ebb/core';
import { LabelCreated, OrderPlaced, PaymentCaptured, ShippingQuoted, ShippingRejected } from '@ebb/schemas';
import { exampleOf, testService, type TestService } from '@ebb/testing';
import { isTrackingNumber } from '../domain/tracking-number.ts';
import { shipping } from '../service.ts';

let service: TestService;

beforeAll(async () => {
  service = await testService(shipping, { migrations: new URL('../../migrations', import.meta.url) });
});
afterAll(() => service.close());

const quote = (orderId: string, country = 'DE') =>
  service.deliver('quote-shipping', exampleOf(OrderPlaced, { orderId, shipTo: { country, postalCode: '1' } }));
const label = (orderId: string) => service.deliver('create-label', exampleOf(PaymentCaptured, { orderId }));
const show = async (orderId: string) => (await service.request('GET', `/shipments/${orderId}`)).json();

describe('quote-shipping', () => {
  it.each([
    ['DE', 'domestic', 549],
    ['FR', 'europe', 1_449],
    ['US', 'world', 2_249],
  ])('to %s costs what the zone %s costs', async (country, zone, minorUnits) => {
    const orderId = newId();
    expect((await quote(orderId, country)).emitted).toMatchObject([
      {
        type: ShippingQuoted.type,
        data: { orderId, zone, grams: 900, parcels: 1, price: { minorUnits, currency: 'EUR' } },
      },
    ]);
    expect(await show(orderId)).toMatchObject({ orderId, zone, shipTo: { country, postalCode: '1' } });
  });

  it('says so when it does not ship there, or not for that money', async () => {
    expect((await quote(newId(), 'AQ')).emitted).toMatchObject([
      { type: ShippingRejected.type, data: { reason: 'we do not ship to AQ' } },
    ]);
    const total = { minorUnits: 5, currency: 'JPY' };
    const yen = exampleOf(OrderPlaced, { lines: [{ sku: 'MUG-RED', quantity: 1, unitPrice: total }], total });
    expect((await service.deliver('quote-shipping', yen)).emitted).toMatchObject([
      { type: ShippingRejected.type, data: { reason: 'we do not ship to DE for JPY' } },
    ]);
  });

  it('quotes an order once', async () => {
    const orderId = newId();
    await quote(orderId);
    expect(await quote(orderId)).toMatchObject({ outcome: 'done', emitted: [] });
  });
});

describe('create-label', () => {
  it('gives an order that is paid for one label', async () => {
    const orderId = newId();
    await quote(orderId);
    const { emitted } = await label(orderId);
    expect(emitted).toMatchObject([{ type: LabelCreated.type, data: { orderId } }]);
    expect(await label(orderId)).toMatchObject({ outcome: 'done', emitted: [] });
    const { trackingNumber } = (await show(orderId)) as { trackingNumber: string };
    expect(isTrackingNumber(trackingNumber)).toBe(true);
    expect(emitted[0]?.data).toEqual({ orderId, trackingNumber });
  });

  it('parks an order that was never quoted', async () => {
    expect(await label(newId())).toMatchObject({ outcome: 'parked', reason: 'terminal' });
  });
});

describe('GET /shipments/:orderId', () => {
  it.each([newId(), 'no-id'])('answers 404 to an order that it does not know: %s', async (id) => {
    expect(await service.request('GET', `/shipments/${id}`)).toMatchObject({ status: 404 });
  });
});
