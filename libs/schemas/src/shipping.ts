import { defineEvent } from '@ebb/events';
import * as z from 'zod/mini';
import { Money } from './money.ts';
import { EXAMPLE_ORDER_ID, ofOrder } from './of-order.ts';
import { OrderId } from './order-id.ts';

const orderId = EXAMPLE_ORDER_ID;
const Positive = z.int().check(z.minimum(1));

export const ShippingQuoted = defineEvent('dev.ebb.shipping.shipping.quoted.v1', {
  topic: 'shipping',
  key: ofOrder,
  description: 'It is known what shipping an order costs.',
  data: z.object({ orderId: OrderId, zone: z.string(), grams: Positive, parcels: Positive, price: Money }),
  example: { orderId, zone: 'domestic', grams: 900, parcels: 1, price: { minorUnits: 549, currency: 'EUR' } },
});

export const ShippingRejected = defineEvent('dev.ebb.shipping.shipping.rejected.v1', {
  topic: 'shipping',
  key: ofOrder,
  description: 'An order cannot be shipped.',
  data: z.object({ orderId: OrderId, reason: z.string() }),
  example: { orderId, reason: 'we do not ship to AQ' },
});

export const LabelCreated = defineEvent('dev.ebb.shipping.label.created.v1', {
  topic: 'shipping',
  key: ofOrder,
  description: 'An order has a label and can be handed over.',
  data: z.object({ orderId: OrderId, trackingNumber: z.string() }),
  example: { orderId, trackingNumber: 'EBB0000000000018' },
});
