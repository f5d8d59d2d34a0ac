import { defineRoute } from '@ebb/function';
import { nextOf, viewOf } from '../domain/order.ts';
import { findOrderWithHistory } from '../store/orders.ts';
import { OfOrder, OrderWithHistory } from './order-view.ts';

export const showOrder = defineRoute('GET /orders/:orderId', {
  summary: 'Show an order and its history',
  tags: ['orders'],
  params: OfOrder,
  answers: { 200: { schema: OrderWithHistory, description: 'the order' }, 404: 'there is no such order' },
  access: 'anyone',
  async handle({ params: { orderId } }, { db }) {
    const found = await findOrderWithHistory(db, orderId);
    if (!found) return { status: 404, detail: `there is no order ${orderId}` };
    const { order, history } = found;
    return { status: 200, body: { ...viewOf(order), history, next: nextOf(order) } };
  },
});
