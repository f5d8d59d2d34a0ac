import { HttpProblem } from '@ebb/core';
import type { Order } from '../domain/order.ts';
import { isMove, reactionTo } from '../domain/transitions.ts';
import { advanceOrder } from '../saga/advance-order.ts';
import type { SagaTransaction } from '../saga/announce.ts';
import { findOrder, lockOrder } from '../store/orders.ts';

const EVENT = 'cancellation-requested';

/**
 * Takes an order back, if it is not too late; asking again changes nothing.
 * @returns the order as it is then; undefined when there is none
 * @throws HttpProblem 409 when it is too late
 */
export async function cancelOrder(
  orderId: string,
  tx: SagaTransaction,
  paymentWindowMs: number,
): Promise<Order | undefined> {
  const order = await lockOrder(tx.db, orderId);
  if (!order || order.ending === 'cancelled') return order;
  if (!isMove(reactionTo(order.status, EVENT))) {
    throw new HttpProblem(409, `order ${orderId} is ${order.status}: it is too late to cancel it`);
  }
  await advanceOrder(orderId, { what: EVENT, at: new Date().toISOString() }, tx, paymentWindowMs);
  return findOrder(tx.db, orderId);
}
