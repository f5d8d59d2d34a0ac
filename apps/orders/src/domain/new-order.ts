import { derivedId, newId } from '@ebb/core';
import { OrderId, OrderLines, OrderTerms, totalOf } from '@ebb/schemas';
import * as z from 'zod/mini';
import type { OrderContent } from './order.ts';

/** The body of `POST /orders`. Strict: a misspelt field is told, not ignored. */
export const NewOrder = z.strictObject({ orderId: z.optional(OrderId), lines: OrderLines, ...OrderTerms.shape });
export type NewOrder = z.infer<typeof NewOrder>;

/** The same key always makes the same id, so a request that is sent again finds the order of the first time. */
export function orderOf({ orderId, ...content }: NewOrder, idempotencyKey: string | undefined): OrderContent {
  const id = orderId ?? (idempotencyKey === undefined ? newId() : derivedId(`order:${idempotencyKey}`));
  return { orderId: id, total: totalOf(content.lines), ...content };
}
