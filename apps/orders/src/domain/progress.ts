import { RetryableError, TerminalError } from '@ebb/core';
import type { Money, Shortage } from '@ebb/schemas';
import type { HistoryEntry, Order } from './order.ts';
import { isFinal, reactionTo, type OrderEvent } from './transitions.ts';

/** Something that happened to an order, with what it says. */
export interface News {
  readonly what: OrderEvent;
  /** ISO 8601. */
  readonly at: string;
  readonly reason?: string;
  /** What shipping costs. */
  readonly shipping?: Money;
  /** What was authorized or captured. */
  readonly amount?: Money;
  readonly trackingNumber?: string;
}

/** When something happened, as its event says. */
export function timeOf({ time }: { readonly time?: string }): string {
  return time ?? new Date().toISOString();
}

/**
 * The order after some news; undefined when they change nothing.
 * @throws RetryableError when what must come before is still on its way: events of different topics overtake each other
 * @throws TerminalError when the news contradict what is known
 */
export function advance(order: Order, news: News): Order | undefined {
  const { orderId, status } = order;
  const reaction = reactionTo(status, news.what);
  if (reaction === 'known') return undefined;
  if (reaction === 'early') throw new RetryableError(`order ${orderId} is ${status}: too early for ${news.what}`);
  if (reaction === 'impossible') throw new TerminalError(`order ${orderId} is ${status}: impossible is ${news.what}`);
  checkMoney(order, news);
  const ending = reaction.ending ?? order.ending;
  const reason = reaction.ending ? news.reason : order.reason;
  return {
    ...order,
    status: reaction.to === 'its-ending' ? endingOf(order) : reaction.to,
    ...(news.shipping && { shipping: news.shipping }),
    ...(news.trackingNumber !== undefined && { trackingNumber: news.trackingNumber }),
    ...(ending && { ending }),
    ...(reason !== undefined && { reason }),
  };
}

/** What goes into the history when news led to an order's new state. */
export function entriesOf(after: Order, { what, at, reason }: News, now: string): readonly HistoryEntry[] {
  const entry: HistoryEntry = { what, at, ...(reason !== undefined && { reason }) };
  if (!isFinal(after.status)) return [entry];
  return [entry, { what: after.status, at: now, ...(after.reason !== undefined && { reason: after.reason }) }];
}

/**
 * What the customer pays: the goods and their shipping.
 * @throws TerminalError while shipping is not quoted
 */
export function dueOf({ orderId, total, shipping }: Order): Money {
  if (!shipping) throw new TerminalError(`order ${orderId} has no quote for its shipping`);
  return { minorUnits: total.minorUnits + shipping.minorUnits, currency: total.currency };
}

/** 'MUG-BLUE (2 wanted, 1 available), TEE-M (…)'. */
export function explainShortages(shortages: readonly Shortage[]): string {
  return shortages.map(({ sku, wanted, available }) => `${sku} (${wanted} wanted, ${available} available)`).join(', ');
}

/** Another amount than the order's must never pass for its payment. */
function checkMoney(order: Order, { what, amount, shipping }: News): void {
  const { orderId, total } = order;
  if (shipping && shipping.currency !== total.currency) {
    throw new TerminalError(`order ${orderId} is in ${total.currency}, its shipping in ${shipping.currency}`);
  }
  if (!amount) return;
  const due = dueOf(order);
  if (amount.minorUnits !== due.minorUnits || amount.currency !== due.currency) {
    const [paid, owed] = [amount, due].map(({ minorUnits, currency }) => `${minorUnits} ${currency}`);
    throw new TerminalError(`order ${orderId} costs ${owed ?? ''}, but ${what} says ${paid ?? ''}`);
  }
}

function endingOf({ orderId, ending }: Order): Order['status'] {
  if (!ending) throw new TerminalError(`order ${orderId} is being undone, but not said why`);
  return ending;
}
