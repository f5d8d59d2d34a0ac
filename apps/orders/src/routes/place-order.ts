import { HttpProblem } from '@ebb/core';
import { defineRoute } from '@ebb/function';
import { IdempotencyKey, OrderPlaced } from '@ebb/schemas';
import * as z from 'zod/mini';
import { NewOrder, orderOf } from '../domain/new-order.ts';
import { isSameOrder, viewOf } from '../domain/order.ts';
import { findOrder, insertOrder } from '../store/orders.ts';
import { OrderView } from './order-view.ts';

const headers = { location: 'where the order is' };

export const placeOrder = defineRoute('POST /orders', {
  summary: 'Place an order',
  tags: ['orders'],
  headers: z.object({ 'idempotency-key': z.optional(IdempotencyKey) }),
  body: NewOrder,
  answers: {
    201: { schema: OrderView, description: 'the order is placed', headers },
    200: { schema: OrderView, description: 'the same order was placed before; this is how it is now', headers },
    400: 'the order has an id and the request a key: each names the order',
    409: 'the id, or the key, belongs to another order',
  },
  access: 'anyone',
  emits: [OrderPlaced],
  async handle({ headers: { 'idempotency-key': key }, body }, { transaction }) {
    if (key !== undefined && body.orderId !== undefined) {
      throw new HttpProblem(
        400,
        'give the order an orderId or the request an Idempotency-Key, not both: each names the order',
      );
    }
    const order = orderOf(body, key);
    const { isNew, stored } = await transaction(async (tx) => {
      const isNew = await insertOrder(tx.db, order, new Date().toISOString());
      if (isNew) await tx.emit(OrderPlaced, order);
      return { isNew, stored: await findOrder(tx.db, order.orderId) };
    });
    if (!stored || !isSameOrder(stored, order)) {
      const detail = `order ${order.orderId} exists with other content: use a new id or key for a new order`;
      return { status: 409, detail };
    }
    const answer = { body: viewOf(stored), headers: { location: `/orders/${stored.orderId}` } };
    return isNew ? { status: 201, ...answer } : { status: 200, ...answer };
  },
});
