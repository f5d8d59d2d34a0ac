import { defineEvent } from '@ebb/events';
import * as z from 'zod/mini';
import { Address } from './address.ts';
import { Money } from './money.ts';
import { EXAMPLE_ORDER_ID, ofOrder } from './of-order.ts';
import { OrderId } from './order-id.ts';
import { OrderLines, totalOf } from './order-lines.ts';
import { PaymentToken } from './payment-token.ts';

const orderId = EXAMPLE_ORDER_ID;

/** Where an order goes, and what it is paid with; a customer who says nothing gets what suits a trial. */
export const OrderTerms = z.object({
  shipTo: z._default(Address, { country: 'DE', postalCode: '10115' }),
  paymentToken: z._default(PaymentToken, 'tok_ok'),
});

/** A customer wants something; nothing is promised yet. */
export const OrderPlaced = defineEvent('dev.ebb.orders.order.placed.v1', {
  topic: 'orders',
  key: ofOrder,
  description: 'A customer placed an order.',
  data: z.object({ orderId: OrderId, lines: OrderLines, total: Money, ...OrderTerms.shape }).check((context) => {
    const { lines, total } = context.value;
    const right = totalOf(lines);
    if (right.minorUnits !== total.minorUnits || right.currency !== total.currency) {
      const message = `must be ${right.minorUnits} minor units of ${right.currency}, which the lines add up to`;
      context.issues.push({ code: 'custom', input: total, path: ['total'], message });
    }
  }),
  example: {
    orderId,
    lines: [
      { sku: 'MUG-BLUE', quantity: 2, unitPrice: { minorUnits: 1_250, currency: 'EUR' } },
      { sku: 'TEE-M', quantity: 1, unitPrice: { minorUnits: 1_900, currency: 'EUR' } },
    ],
    total: { minorUnits: 4_400, currency: 'EUR' },
    shipTo: { country: 'DE', postalCode: '10115' },
    paymentToken: 'tok_ok',
  },
});

/** Stock, payment and label are there: the order will be shipped. */
export const OrderConfirmed = defineEvent('dev.ebb.orders.order.confirmed.v1', {
  topic: 'orders',
  key: ofOrder,
  description: 'An order was confirmed: it is paid for and has a label.',
  data: z.object({ orderId: OrderId, total: Money, shipping: Money }),
  example: {
    orderId,
    total: { minorUnits: 4_400, currency: 'EUR' },
    shipping: { minorUnits: 549, currency: 'EUR' },
  },
});

/** The order cannot be fulfilled, and why; what was done for it has been undone. */
export const OrderRejected = defineEvent('dev.ebb.orders.order.rejected.v1', {
  topic: 'orders',
  key: ofOrder,
  description: 'An order was rejected.',
  data: z.object({ orderId: OrderId, reason: z.string() }),
  example: { orderId, reason: 'MUG-BLUE (2 wanted, 1 available)' },
});

/** The customer took the order back in time; what was done for it has been undone. */
export const OrderCancelled = defineEvent('dev.ebb.orders.order.cancelled.v1', {
  topic: 'orders',
  key: ofOrder,
  description: 'An order was cancelled by its customer.',
  data: z.object({ orderId: OrderId }),
  example: { orderId },
});

/** The payment did not come in time; what was done for the order has been undone. */
export const OrderExpired = defineEvent('dev.ebb.orders.order.expired.v1', {
  topic: 'orders',
  key: ofOrder,
  description: 'An order expired: its payment did not come in time.',
  data: z.object({ orderId: OrderId }),
  example: { orderId },
});
