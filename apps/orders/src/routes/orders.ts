import { HttpProblem } from '@ebb/core';
import { defineRoutes, parseBody } from '@ebb/function';
import { OrderId, OrderPlaced } from '@ebb/schemas';
import { NewOrder, orderOf } from '../domain/new-order.ts';
import { isSameOrder } from '../domain/order.ts';
import { cursorOf, pageOf } from '../domain/page.ts';
import { findOrder, findOrderWithHistory, insertOrder, listOrders } from '../store/orders.ts';
import { idempotencyKeyOf } from './idempotency-key.ts';

export const orderRoutes = defineRoutes('/orders', {
  emits: [OrderPlaced],
  register(router, { db, transaction }) {
    router.post('/', async (request, response) => {
      const body = parseBody(NewOrder, request);
      const order = orderOf(body, idempotencyKeyOf(request.get('idempotency-key'), body.orderId));
      const { isNew, stored } = await transaction(request, async (tx) => {
        const isNew = await insertOrder(tx.db, order, new Date().toISOString());
        if (isNew) await tx.emit(OrderPlaced, order);
        return { isNew, stored: await findOrder(tx.db, order.orderId) };
      });
      if (!stored || !isSameOrder(stored, order)) {
        throw new HttpProblem(
          409,
          `order ${order.orderId} exists with other lines: use a new id or key for a new order`,
        );
      }
      response
        .status(isNew ? 201 : 200)
        .location(`/orders/${stored.orderId}`)
        .json(stored);
    });

    router.get('/', async (request, response) => {
      const { orders, next } = await listOrders(db, pageOf(request.query));
      response.json({ orders, ...(next !== undefined && { nextCursor: cursorOf(next) }) });
    });

    router.get('/:orderId', async (request, response) => {
      const id = OrderId.safeParse(request.params.orderId);
      const order = id.success ? await findOrderWithHistory(db, id.data) : undefined;
      if (!order) throw new HttpProblem(404, `there is no order ${request.params.orderId}`);
      response.json(order);
    });
  },
});
