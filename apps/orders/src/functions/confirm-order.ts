import { defineFunction } from '@ebb/function';
import { OrderConfirmed, StockReserved } from '@ebb/schemas';
import { settles } from '../domain/settlement.ts';
import { lockOrder, settleOrder } from '../store/orders.ts';

/** The stock is set aside, so the order holds. */
export const confirmOrder = defineFunction('confirm-order', {
  on: StockReserved,
  emits: [OrderConfirmed],
  timeout: '10s',
  async handle({ data: { orderId }, event }, { db, emit, log }) {
    const order = await lockOrder(db, orderId);
    if (!settles(order, orderId, 'confirmed')) return;
    await settleOrder(db, orderId, 'confirmed', [
      { what: 'stock-reserved', at: event.time ?? new Date().toISOString() },
      { what: 'confirmed', at: new Date().toISOString() },
    ]);
    await emit(OrderConfirmed, { orderId, total: order.total });
    log.info({ orderId }, 'order confirmed');
  },
});
