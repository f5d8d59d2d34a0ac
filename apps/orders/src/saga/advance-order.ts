import { RetryableError } from '@ebb/core';
import { advance, entriesOf, type News } from '../domain/progress.ts';
import { lockOrder, saveProgress } from '../store/orders.ts';
import { announce, paymentWindowOf, type SagaTransaction } from './announce.ts';

/**
 * Takes news of an order in: the one place where its status changes.
 * @throws RetryableError when the order is not known yet, or the news are early
 * @throws TerminalError when they contradict what is known
 */
export async function advanceOrder(
  orderId: string,
  news: News,
  tx: SagaTransaction,
  paymentWindowMs: number,
): Promise<void> {
  const before = await lockOrder(tx.db, orderId);
  if (!before) throw new RetryableError(`order ${orderId} is not known yet`);
  const order = advance(before, news);
  if (!order) return;
  await saveProgress(tx.db, order, entriesOf(order, news, new Date().toISOString()));
  if (before.status === 'awaiting-payment') await tx.cancel(paymentWindowOf(orderId));
  await announce(order, tx, paymentWindowMs);
  tx.log.info({ orderId, status: order.status, because: news.what }, `order ${order.status}`);
}
