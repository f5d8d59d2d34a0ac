import { Address, Money, OrderId, OrderLine } from '@ebb/schemas';
import * as z from 'zod/mini';
import { ENDINGS, ORDER_EVENTS, ORDER_STATUSES } from '../domain/transitions.ts';

const Status = z.enum(ORDER_STATUSES);
const Event = z.enum(ORDER_EVENTS);
const Moment = z.iso.datetime();

const view = {
  orderId: OrderId,
  status: Status,
  lines: z.array(OrderLine),
  total: Money,
  shipTo: Address,
  placedAt: Moment,
  /** Once it is quoted. */
  shipping: z.optional(Money),
  trackingNumber: z.optional(z.string()),
  /** What it will come to, since it was found to be off, and why. */
  ending: z.optional(z.enum(ENDINGS)),
  reason: z.optional(z.string()),
};

/** What may happen to it, and what that would lead to. */
const next = z.array(z.object({ when: Event, then: Status }));

const HistoryEntry = z.object({
  what: z.enum(['placed', ...ORDER_EVENTS, ...ORDER_STATUSES]),
  at: Moment,
  reason: z.optional(z.string()),
});

/** What its customer sees of an order. */
export const OrderView = z.object(view);
export const OrderInMotion = z.object({ ...view, next });
export const OrderWithHistory = z.object({ ...view, next, history: z.array(HistoryEntry) });

export const OfOrder = z.object({ orderId: OrderId });
