import { TerminalError } from '@ebb/core';
import { defineFunction } from '@ebb/function';
import { StockReleased, StockReleaseRequested } from '@ebb/schemas';
import { beginReservation, endReservation, lockReservation } from '../store/reservations.ts';
import { lockAvailable } from '../store/stock.ts';

/** Puts back what is set aside for an order that is off; also when the request overtook the order itself. */
export const releaseStock = defineFunction('release-stock', {
  on: StockReleaseRequested,
  emits: [StockReleased],
  timeout: '10s',
  concurrency: 20,
  async handle({ data: { orderId } }, { db, emit, log }) {
    if (await beginReservation(db, orderId, 'released')) {
      await emit(StockReleased, { orderId, items: [] });
      log.info({ orderId }, 'order is off before its stock was reserved');
      return;
    }
    const reservation = await lockReservation(db, orderId);
    if (!reservation || reservation.outcome === 'released') return;
    if (reservation.outcome === 'committed') {
      throw new TerminalError(`the stock of order ${orderId} has left the warehouse: it cannot be released`);
    }
    const { items } = reservation;
    await lockAvailable(db, items);
    await endReservation(db, orderId, 'released');
    await emit(StockReleased, { orderId, items });
    log.info({ orderId, items }, 'stock released');
  },
});
