import { defineRoute } from '@ebb/function';
import { nextOf, viewOf } from '../domain/order.ts';
import { SAGA_EVENTS } from '../saga/announce.ts';
import { SAGA_SETTINGS } from '../saga/settings.ts';
import { cancelOrder } from './cancel-order.ts';
import { OfOrder, OrderInMotion } from './order-view.ts';

const headers = { location: 'where the order is' };

export const requestCancellation = defineRoute('POST /orders/:orderId/cancellation', {
  summary: 'Take an order back',
  tags: ['orders'],
  params: OfOrder,
  answers: {
    200: { schema: OrderInMotion, description: 'it is cancelled', headers },
    202: { schema: OrderInMotion, description: 'it is being undone', headers },
    404: 'there is no such order',
    409: 'it is too late',
  },
  access: 'anyone',
  emits: SAGA_EVENTS,
  settings: SAGA_SETTINGS,
  async handle({ params: { orderId } }, { transaction, config }) {
    const order = await transaction((tx) => cancelOrder(orderId, tx, config.PAYMENT_WINDOW));
    if (!order) return { status: 404, detail: `there is no order ${orderId}` };
    const body = { ...viewOf(order), next: nextOf(order) };
    const answer = { body, headers: { location: `/orders/${orderId}` } };
    return order.status === 'cancelled' ? { status: 200, ...answer } : { status: 202, ...answer };
  },
});
