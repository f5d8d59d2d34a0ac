import { Money, OrderId } from '@ebb/schemas';
import * as z from 'zod/mini';
import { PAYMENT_STATUSES } from '../domain/payment.ts';

const Moment = z.iso.datetime();

/** A payment with the times at which it changed, as others see it. */
export const PaymentView = z.object({
  orderId: OrderId,
  status: z.enum(PAYMENT_STATUSES),
  /** Unknown when it was given up before it was asked for. */
  amount: z.optional(Money),
  reason: z.optional(z.string()),
  authorizedAt: z.optional(Moment),
  capturedAt: z.optional(Moment),
  voidedAt: z.optional(Moment),
});
