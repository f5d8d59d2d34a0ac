import { defineFunction, type Incoming } from '@ebb/function';
import { CaptureRefused, PaymentAuthorized, PaymentCaptured, PaymentDeclined, PaymentVoided } from '@ebb/schemas';
import { timeOf, type News } from '../domain/progress.ts';
import { advanceOrder } from '../saga/advance-order.ts';
import { SAGA_EVENTS } from '../saga/announce.ts';
import { SAGA_SETTINGS } from '../saga/settings.ts';

const ON = [PaymentAuthorized, PaymentDeclined, PaymentCaptured, CaptureRefused, PaymentVoided] as const;

/** What became of an order's payment. */
export const followPayment = defineFunction('follow-payment', {
  on: ON,
  emits: SAGA_EVENTS,
  settings: SAGA_SETTINGS,
  timeout: '10s',
  async handle(incoming, context) {
    await advanceOrder(incoming.data.orderId, newsOf(incoming), context, context.config.PAYMENT_WINDOW);
  },
});

function newsOf({ type, data, event }: Incoming<(typeof ON)[number]>): News {
  const at = timeOf(event);
  switch (type) {
    case PaymentAuthorized.type:
      return { what: 'payment-authorized', at, amount: data.amount };
    case PaymentDeclined.type:
      return { what: 'payment-declined', at, reason: data.reason };
    case PaymentCaptured.type:
      return { what: 'payment-captured', at, amount: data.amount };
    case CaptureRefused.type:
      return { what: 'capture-refused', at, reason: data.reason };
    case PaymentVoided.type:
      return { what: 'payment-voided', at };
  }
}
