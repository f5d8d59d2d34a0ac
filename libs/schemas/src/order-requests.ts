import { defineEvent } from '@ebb/events';
import * as z from 'zod/mini';
import { Money } from './money.ts';
import { EXAMPLE_ORDER_ID, ofOrder } from './of-order.ts';
import { OrderId } from './order-id.ts';
import { PaymentToken } from './payment-token.ts';

/** What an order asks of others on its way; each is answered with an event of theirs. */

const orderId = EXAMPLE_ORDER_ID;
const onlyOrder = z.object({ orderId: OrderId });

export const PaymentRequested = defineEvent('dev.ebb.orders.payment.requested.v1', {
  topic: 'orders',
  key: ofOrder,
  description: 'An order is to be paid for: its amount is to be authorized.',
  data: z.object({ orderId: OrderId, amount: Money, paymentToken: PaymentToken }),
  example: { orderId, amount: { minorUnits: 4_949, currency: 'EUR' }, paymentToken: 'tok_ok' },
});

export const CaptureRequested = defineEvent('dev.ebb.orders.capture.requested.v1', {
  topic: 'orders',
  key: ofOrder,
  description: 'The authorized amount of an order is to be captured.',
  data: onlyOrder,
  example: { orderId },
});

export const VoidRequested = defineEvent('dev.ebb.orders.void.requested.v1', {
  topic: 'orders',
  key: ofOrder,
  description: 'The payment of an order is to be given up, however far it is.',
  data: onlyOrder,
  example: { orderId },
});

export const StockReleaseRequested = defineEvent('dev.ebb.orders.stock-release.requested.v1', {
  topic: 'orders',
  key: ofOrder,
  description: 'What is set aside for an order is to be put back.',
  data: onlyOrder,
  example: { orderId },
});

/** Goes off by timer. */
export const PaymentWindowExpired = defineEvent('dev.ebb.orders.payment-window.expired.v1', {
  topic: 'orders',
  key: ofOrder,
  description: 'The time in which an order had to be paid for is over.',
  data: onlyOrder,
  example: { orderId },
});
