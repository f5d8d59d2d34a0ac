import { defineFunction } from '@ebb/function';
import { OrderRejected, StockRejected } from '@ebb/schemas';
import { explainShortages, settles } from '../domain/settlement.ts';
import { lockOrder, settleOrder } from '../store/orders.ts';

/** Something is out of stock, so the order is off. */
export const rejectOrder = defineFunction('reject-order', {
  on: StockRejected,
  emits: [OrderRejected],
  timeout: '10s',
  async handle({ data: { orderId, shortages }, event }, { db, emit, log }) {
    const order = await lockOrder(db, orderId);
    if (!settles(order, orderId, 'rejected')) return;
    const reason = explainShortages(shortages);
    await settleOrder(db, orderId, 'rejected', [
      { what: 'stock-rejected', at: event.time ?? new Date().toISOString(), reason },
      { what: 'rejected', at: new Date().toISOString(), reason: 'out of stock' },
    ]);
    await emit(OrderRejected, { orderId, reason: 'out-of-stock', shortages });
    log.info({ orderId, reason }, 'order rejected');
  },
});
