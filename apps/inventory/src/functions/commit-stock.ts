import { TerminalError } from '@ebb/core';
import { defineFunction } from '@ebb/function';
import { OrderConfirmed } from '@ebb/schemas';
import { endReservation, lockReservation } from '../store/reservations.ts';
import { lockAvailable } from '../store/stock.ts';

/** The order is on its way to the customer: what was set aside for it is no longer in the warehouse. */
export const commitStock = defineFunction('commit-stock', {
  on: OrderConfirmed,
  timeout: '10s',
  concurrency: 20,
  async handle({ data: { orderId } }, { db, log }) {
    const reservation = await lockReservation(db, orderId);
    if (reservation?.outcome === 'committed') return;
    if (reservation?.outcome !== 'reserved') {
      throw new TerminalError(`order ${orderId} is confirmed, but no stock is set aside for it`);
    }
    await lockAvailable(db, reservation.items);
    await endReservation(db, orderId, 'committed');
    log.info({ orderId }, 'stock committed');
  },
});
