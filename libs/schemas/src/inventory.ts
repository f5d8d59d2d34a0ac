import { defineEvent } from '@ebb/events';
import * as z from 'zod/mini';
import { EXAMPLE_ORDER_ID, ofOrder } from './of-order.ts';
import { OrderId } from './order-id.ts';
import { Quantity, Sku } from './order-lines.ts';

const Count = z.int().check(z.minimum(0));

/** Less in stock than was wanted; a product that nobody knows has none. */
export const Shortage = z.object({ sku: Sku, wanted: z.int().check(z.minimum(1)), available: Count });
export type Shortage = z.infer<typeof Shortage>;

const Items = z.array(z.object({ sku: Sku, quantity: z.int().check(z.minimum(1)) }));

/** What was ordered is set aside, all of it. */
export const StockReserved = defineEvent('dev.ebb.inventory.stock.reserved.v1', {
  topic: 'inventory',
  key: ofOrder,
  description: 'Stock was set aside for an order.',
  data: z.object({
    orderId: OrderId,
    items: Items.check(z.minLength(1)),
  }),
  example: {
    orderId: EXAMPLE_ORDER_ID,
    items: [
      { sku: 'MUG-BLUE', quantity: 2 },
      { sku: 'TEE-M', quantity: 1 },
    ],
  },
});

/** Nothing is set aside, because something was missing. */
export const StockRejected = defineEvent('dev.ebb.inventory.stock.rejected.v1', {
  topic: 'inventory',
  key: ofOrder,
  description: 'An order was turned down: something was out of stock.',
  data: z.object({ orderId: OrderId, shortages: z.array(Shortage).check(z.minLength(1)) }),
  example: { orderId: EXAMPLE_ORDER_ID, shortages: [{ sku: 'MUG-BLUE', wanted: 2, available: 1 }] },
});

/** Nothing is set aside for the order any more, nor will be. */
export const StockReleased = defineEvent('dev.ebb.inventory.stock.released.v1', {
  topic: 'inventory',
  key: ofOrder,
  description: 'What was set aside for an order was put back.',
  data: z.object({ orderId: OrderId, items: Items }),
  example: { orderId: EXAMPLE_ORDER_ID, items: [{ sku: 'MUG-BLUE', quantity: 2 }] },
});

/** Goods came in. */
export const StockRestocked = defineEvent('dev.ebb.inventory.stock.restocked.v1', {
  topic: 'inventory',
  key: (restock) => restock.sku,
  description: 'Goods came in for a product.',
  data: z.object({ sku: Sku, quantity: Quantity, available: Count }),
  example: { sku: 'MUG-BLUE', quantity: 24, available: 30 },
});
