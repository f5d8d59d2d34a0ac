import { isDeepStrictEqual } from 'node:util';
import type { Money, OrderLine } from '@ebb/schemas';

export type OrderStatus = 'placed' | 'confirmed' | 'rejected';

/** What a customer asked for. */
export interface OrderContent {
  readonly orderId: string;
  readonly lines: OrderLine[];
  readonly total: Money;
}

export interface Order extends OrderContent {
  readonly status: OrderStatus;
  /** ISO 8601. */
  readonly placedAt: string;
}

/** One thing that happened to an order. */
export interface HistoryEntry {
  readonly what: 'placed' | 'stock-reserved' | 'stock-rejected' | 'confirmed' | 'rejected';
  /** ISO 8601. */
  readonly at: string;
  readonly reason?: string;
}

/** Whether two orders ask for the same: the second is then the first one sent again. */
export function isSameOrder(one: OrderContent, other: OrderContent): boolean {
  return one.orderId === other.orderId && isDeepStrictEqual(one.lines, other.lines);
}
