import { defineEvent } from '@ebb/events';
import * as z from 'zod/mini';
import { Shortage } from './inventory.ts';
import { Money } from './money.ts';
import { OrderId } from './order-id.ts';
import { OrderLines, totalOf } from './order-lines.ts';

const EXAMPLE_ID = '0198b2f0-6f1c-7c3e-9d5a-3f2b1c4d5e6f';

const ofOrder = (order: { orderId: string }): string => order.orderId;

/** A customer wants something; nothing is promised yet. */
export const OrderPlaced = defineEvent('dev.ebb.orders.order.placed.v1', {
  topic: 'orders',
  key: ofOrder,
  description: 'A customer placed an order.',
  data: z.object({ orderId: OrderId, lines: OrderLines, total: Money }).check((context) => {
    const { lines, total } = context.value;
    const right = totalOf(lines);
    if (right.minorUnits !== total.minorUnits || right.currency !== total.currency) {
      const message = `must be ${right.minorUnits} minor units of ${right.currency}, which the lines add up to`;
      context.issues.push({ code: 'custom', input: total, path: ['total'], message });
    }
  }),
  example: {
    orderId: EXAMPLE_ID,
    lines: [
      { sku: 'MUG-BLUE', quantity: 2, unitPrice: { minorUnits: 1_250, currency: 'EUR' } },
      { sku: 'TEE-M', quantity: 1, unitPrice: { minorUnits: 1_900, currency: 'EUR' } },
    ],
    total: { minorUnits: 4_400, currency: 'EUR' },
  },
});

/** Everything that was ordered is set aside: the order will be shipped. */
export const OrderConfirmed = defineEvent('dev.ebb.orders.order.confirmed.v1', {
  topic: 'orders',
  key: ofOrder,
  description: 'An order was confirmed: its stock is set aside.',
  data: z.object({ orderId: OrderId, total: Money }),
  example: { orderId: EXAMPLE_ID, total: { minorUnits: 4_400, currency: 'EUR' } },
});

/** The order cannot be fulfilled, and why. */
export const OrderRejected = defineEvent('dev.ebb.orders.order.rejected.v1', {
  topic: 'orders',
  key: ofOrder,
  description: 'An order was rejected.',
  data: z.object({
    orderId: OrderId,
    reason: z.literal('out-of-stock'),
    shortages: z.array(Shortage).check(z.minLength(1)),
  }),
  example: {
    orderId: EXAMPLE_ID,
    reason: 'out-of-stock',
    shortages: [{ sku: 'MUG-BLUE', wanted: 2, available: 1 }],
  },
});
