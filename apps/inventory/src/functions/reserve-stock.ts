import { defineFunction } from '@ebb/function';
import { OrderPlaced, StockRejected, StockReserved } from '@ebb/schemas';
import { itemsOf, shortagesOf } from '../domain/reservation.ts';
import { beginReservation, reserveItems, setOutcome } from '../store/reservations.ts';
import { lockAvailable } from '../store/stock.ts';

/** Sets aside everything that an order wants, or nothing at all. */
export const reserveStock = defineFunction('reserve-stock', {
  on: OrderPlaced,
  emits: [StockReserved, StockRejected],
  timeout: '10s',
  concurrency: 20,
  async handle({ data: { orderId, lines } }, { db, emit, log }) {
    const items = itemsOf(lines);
    if (!(await beginReservation(db, orderId))) {
      log.info({ orderId }, 'order has a reservation already');
      return;
    }
    const shortages = shortagesOf(items, await lockAvailable(db, items));
    if (shortages.length > 0) {
      await setOutcome(db, orderId, 'rejected');
      await emit(StockRejected, { orderId, shortages });
    } else {
      await reserveItems(db, orderId, items);
      await emit(StockReserved, { orderId, items });
    }
    log.info({ orderId, shortages }, shortages.length > 0 ? 'stock rejected' : 'stock reserved');
  },
});
