import { defineEvent } from '@ebb/events';
import * as z from 'zod/mini';
import { Money } from './money.ts';
import { EXAMPLE_ORDER_ID, ofOrder } from './of-order.ts';
import { OrderId } from './order-id.ts';

const orderId = EXAMPLE_ORDER_ID;
const amount = { minorUnits: 4_949, currency: 'EUR' };

/** The provider holds the amount for us; it is not ours yet. */
export const PaymentAuthorized = defineEvent('dev.ebb.payments.payment.authorized.v1', {
  topic: 'payments',
  key: ofOrder,
  description: 'The amount of an order was authorized.',
  data: z.object({ orderId: OrderId, amount: Money }),
  example: { orderId, amount },
});

export const PaymentDeclined = defineEvent('dev.ebb.payments.payment.declined.v1', {
  topic: 'payments',
  key: ofOrder,
  description: 'The payment of an order was declined.',
  data: z.object({ orderId: OrderId, reason: z.string() }),
  example: { orderId, reason: 'insufficient funds' },
});

/** The money is ours. */
export const PaymentCaptured = defineEvent('dev.ebb.payments.payment.captured.v1', {
  topic: 'payments',
  key: ofOrder,
  description: 'The amount of an order was captured.',
  data: z.object({ orderId: OrderId, amount: Money }),
  example: { orderId, amount },
});

export const CaptureRefused = defineEvent('dev.ebb.payments.capture.refused.v1', {
  topic: 'payments',
  key: ofOrder,
  description: 'An authorized amount could not be captured.',
  data: z.object({ orderId: OrderId, reason: z.string() }),
  example: { orderId, reason: 'the authorization was withdrawn' },
});

/** Nothing is held, and nothing will be. */
export const PaymentVoided = defineEvent('dev.ebb.payments.payment.voided.v1', {
  topic: 'payments',
  key: ofOrder,
  description: 'The payment of an order was given up.',
  data: z.object({ orderId: OrderId }),
  example: { orderId },
});
