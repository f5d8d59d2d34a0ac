import { defineRoute } from '@ebb/function';
import { OrderId } from '@ebb/schemas';
import * as z from 'zod/mini';
import { findPayment } from '../store/payments.ts';
import { PaymentView } from './payment-view.ts';

export const showPayment = defineRoute('GET /payments/:orderId', {
  summary: 'Show how an order is paid for',
  tags: ['payments'],
  params: z.object({ orderId: OrderId }),
  answers: { 200: { schema: PaymentView, description: 'the payment' }, 404: 'there is no payment of this order' },
  access: 'anyone',
  async handle({ params: { orderId } }, { db }) {
    const payment = await findPayment(db, orderId);
    if (!payment) return { status: 404, detail: `there is no payment of order ${orderId}` };
    return { status: 200, body: payment };
  },
});
