import { defineFunction } from '@ebb/function';
import { OrderPlaced, ShippingQuoted, ShippingRejected } from '@ebb/schemas';
import { priceOf } from '../domain/price.ts';
import { weightOf } from '../domain/weight.ts';
import { findWeights, findZone, listRates } from '../store/rates.ts';
import { insertShipment } from '../store/shipments.ts';

/** Says what shipping an order costs, or why it cannot be shipped. */
export const quoteShipping = defineFunction('quote-shipping', {
  on: OrderPlaced,
  emits: [ShippingQuoted, ShippingRejected],
  timeout: '10s',
  concurrency: 20,
  async handle({ data: { orderId, lines, total, shipTo } }, { db, emit, log }) {
    const { country } = shipTo;
    const zone = await findZone(db, country);
    if (zone === undefined) {
      await emit(ShippingRejected, { orderId, reason: `we do not ship to ${country}` });
      return;
    }
    const weights = await findWeights(
      db,
      lines.map(({ sku }) => sku),
    );
    const grams = weightOf(lines, weights);
    const price = priceOf(grams, await listRates(db, zone, total.currency));
    if (!price) {
      await emit(ShippingRejected, { orderId, reason: `we do not ship to ${country} for ${total.currency}` });
      return;
    }
    const { parcels, minorUnits } = price;
    const quote = { zone, grams, parcels, price: { minorUnits, currency: total.currency } };
    if (!(await insertShipment(db, orderId, shipTo, quote))) return;
    await emit(ShippingQuoted, { orderId, ...quote });
    log.info({ orderId, ...quote }, 'shipping quoted');
  },
});
