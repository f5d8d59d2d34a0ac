import { TerminalError } from '@ebb/core';
import { defineFunction } from '@ebb/function';
import { OrderPlaced } from '@ebb/schemas';
import { isSameOrder } from '../domain/order.ts';
import { findOrder, insertOrder } from '../store/orders.ts';

/** Takes in orders that were published straight to the broker; those that came over HTTP are there already. */
export const recordOrder = defineFunction('record-order', {
  on: OrderPlaced,
  timeout: '10s',
  async handle({ data, event }, { db, log }) {
    const placedAt = event.time ?? new Date().toISOString();
    if (await insertOrder(db, data, placedAt)) {
      log.info({ orderId: data.orderId }, 'order recorded');
      return;
    }
    const known = await findOrder(db, data.orderId);
    if (!known || !isSameOrder(known, data)) {
      throw new TerminalError(`order ${data.orderId} exists with other lines: give the new order an id of its own`);
    }
  },
});
