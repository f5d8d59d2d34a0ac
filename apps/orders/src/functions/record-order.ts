import { TerminalError } from '@ebb/core';
import { defineFunction } from '@ebb/function';
import { OrderPlaced } from '@ebb/schemas';
import { isSameOrder } from '../domain/order.ts';
import { timeOf } from '../domain/progress.ts';
import { findOrder, insertOrder } from '../store/orders.ts';

/** Takes in orders that were published straight to the broker; those that came over HTTP are there already. */
export const recordOrder = defineFunction('record-order', {
  on: OrderPlaced,
  timeout: '10s',
  async handle({ data, event }, { db, log }) {
    if (await insertOrder(db, data, timeOf(event))) {
      log.info({ orderId: data.orderId }, 'order recorded');
      return;
    }
    const known = await findOrder(db, data.orderId);
    if (!known || !isSameOrder(known, data)) {
      throw new TerminalError(`order ${data.orderId} exists with other content: give the new order an id of its own`);
    }
  },
});
