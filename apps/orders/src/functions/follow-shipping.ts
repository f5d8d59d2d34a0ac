import { defineFunction, type Incoming } from '@ebb/function';
import { LabelCreated, ShippingQuoted, ShippingRejected } from '@ebb/schemas';
import { timeOf, type News } from '../domain/progress.ts';
import { advanceOrder } from '../saga/advance-order.ts';
import { SAGA_EVENTS } from '../saga/announce.ts';
import { SAGA_SETTINGS } from '../saga/settings.ts';

const ON = [ShippingQuoted, ShippingRejected, LabelCreated] as const;

/** What became of an order's shipping. */
export const followShipping = defineFunction('follow-shipping', {
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
    case ShippingQuoted.type:
      return { what: 'shipping-quoted', at, shipping: data.price };
    case ShippingRejected.type:
      return { what: 'shipping-rejected', at, reason: data.reason };
    case LabelCreated.type:
      return { what: 'label-created', at, trackingNumber: data.trackingNumber };
  }
}
