import { isDeepStrictEqual } from 'node:util';
import type { Address, Money, OrderLine } from '@ebb/schemas';
import { isMove, TRANSITIONS, type Ending, type OrderEvent, type OrderStatus } from './transitions.ts';

/** What a customer asked for. */
export interface OrderContent {
  readonly orderId: string;
  readonly lines: OrderLine[];
  readonly total: Money;
  readonly shipTo: Address;
  readonly paymentToken: string;
}

export interface Order extends OrderContent {
  readonly status: OrderStatus;
  /** ISO 8601. */
  readonly placedAt: string;
  /** Once it is quoted. */
  readonly shipping?: Money;
  readonly trackingNumber?: string;
  /** What it will come to, since it was found to be off, and why. */
  readonly ending?: Ending;
  readonly reason?: string;
}

/** One thing that happened to an order. */
export interface HistoryEntry {
  readonly what: 'placed' | OrderEvent | OrderStatus;
  /** ISO 8601. */
  readonly at: string;
  readonly reason?: string;
}

/** What its customer sees of an order: everything but what it is paid with. */
export function viewOf({ paymentToken: _, ...order }: Order) {
  return order;
}

/** What may happen to an order next, and what status that would lead to. */
export function nextOf({
  status,
  ending,
}: Pick<Order, 'status' | 'ending'>): { when: OrderEvent; then: OrderStatus }[] {
  return Object.entries(TRANSITIONS[status]).flatMap(([when, reaction]) => {
    if (!isMove(reaction)) return [];
    const then = reaction.to === 'its-ending' ? ending : reaction.to;
    return then ? [{ when: when as OrderEvent, then }] : [];
  });
}

/** Whether two orders ask for the same: the second is then the first one sent again. */
export function isSameOrder(one: OrderContent, other: OrderContent): boolean {
  const contentOf = ({ orderId, lines, shipTo, paymentToken }: OrderContent) => [orderId, lines, shipTo, paymentToken];
  return isDeepStrictEqual(contentOf(one), contentOf(other));
}
