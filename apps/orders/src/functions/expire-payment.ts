import { defineFunction } from '@ebb/function';
import { PaymentWindowExpired } from '@ebb/schemas';
import { timeOf } from '../domain/progress.ts';
import { advanceOrder } from '../saga/advance-order.ts';
import { SAGA_EVENTS } from '../saga/announce.ts';
import { SAGA_SETTINGS } from '../saga/settings.ts';

/** The payment did not come in time. The timer may go off while it is being cancelled: what is paid for by then stays so. */
export const expirePayment = defineFunction('expire-payment', {
  on: PaymentWindowExpired,
  emits: SAGA_EVENTS,
  settings: SAGA_SETTINGS,
  timeout: '10s',
  async handle({ data: { orderId }, event }, context) {
    const news = { what: 'window-expired', at: timeOf(event), reason: 'the payment did not come in time' } as const;
    await advanceOrder(orderId, news, context, context.config.PAYMENT_WINDOW);
  },
});
