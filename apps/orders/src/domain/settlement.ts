import { RetryableError, TerminalError } from '@ebb/core';
import type { Shortage } from '@ebb/schemas';
import type { Order } from './order.ts';

/**
 * Whether an outcome is news for an order: the same outcome twice is not.
 * @throws RetryableError when the order is not known yet: events of different topics overtake each other
 * @throws TerminalError when the order has the opposite outcome already
 */
export function settles(
  order: Order | undefined,
  orderId: string,
  outcome: 'confirmed' | 'rejected',
): order is Order & { status: 'placed' } {
  if (!order) throw new RetryableError(`order ${orderId} is not known yet`);
  if (order.status === 'placed') return true;
  if (order.status === outcome) return false;
  throw new TerminalError(`order ${orderId} is ${order.status} and cannot become ${outcome}`);
}

/** 'MUG-BLUE (2 wanted, 1 available), TEE-M (…)'. */
export function explainShortages(shortages: readonly Shortage[]): string {
  return shortages.map(({ sku, wanted, available }) => `${sku} (${wanted} wanted, ${available} available)`).join(', ');
}
