import { defineFunction, type Incoming } from '@ebb/function';
import { StockRejected, StockReleased, StockReserved } from '@ebb/schemas';
import { explainShortages, timeOf, type News } from '../domain/progress.ts';
import { advanceOrder } from '../saga/advance-order.ts';
import { SAGA_EVENTS } from '../saga/announce.ts';
import { SAGA_SETTINGS } from '../saga/settings.ts';

const ON = [StockReserved, StockRejected, StockReleased] as const;

/** What became of an order's stock. */
export const followStock = defineFunction('follow-stock', {
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
    case StockReserved.type:
      return { what: 'stock-reserved', at };
    case StockRejected.type:
      return { what: 'stock-rejected', at, reason: explainShortages(data.shortages) };
    case StockReleased.type:
      return { what: 'stock-released', at };
  }
}
