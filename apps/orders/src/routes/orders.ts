import { HttpProblem } from '@ebb/core';
import { defineRoutes, parseBody } from '@ebb/function';
import { OrderId, OrderPlaced } from '@ebb/schemas';
import { NewOrder, orderOf } from '../domain/new-order.ts';
import { isSameOrder, nextOf, viewOf } from '../domain/order.ts';
import { cursorOf, pageOf } from '../domain/page.ts';
import { SAGA_EVENTS } from '../saga/announce.ts';
import { SAGA_SETTINGS } from '../saga/settings.ts';
import { findOrder, findOrderWithHistory, insertOrder, listOrders } from '../store/orders.ts';
import { cancelOrder } from './cancel-order.ts';
import { idempotencyKeyOf } from './idempotency-key.ts';

export const orderRoutes = defineRoutes('/orders', {
  emits: [OrderPlaced, ...SAGA_EVENTS],
  settings: SAGA_SETTINGS,
  register(router, { db, transaction, config }) {
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
          `order ${order.orderId} exists with other content: use a new id or key for a new order`,
        );
      }
      response
        .status(isNew ? 201 : 200)
        .location(`/orders/${stored.orderId}`)
        .json(viewOf(stored));
    });

    router.get('/', async (request, response) => {
      const { orders, next } = await listOrders(db, pageOf(request.query));
      response.json({ orders: orders.map(viewOf), ...(next !== undefined && { nextCursor: cursorOf(next) }) });
    });

    router.get('/:orderId', async (request, response) => {
      const found = await findOrderWithHistory(db, orderIdOf(request.params.orderId));
      const { order, history } = found ?? unknownOrder(request.params.orderId);
      response.json({ ...viewOf(order), history, next: nextOf(order) });
    });

    router.post('/:orderId/cancellation', async (request, response) => {
      const orderId = orderIdOf(request.params.orderId);
      const cancelled = await transaction(request, (tx) => cancelOrder(orderId, tx, config.PAYMENT_WINDOW));
      const order = cancelled ?? unknownOrder(orderId);
      response
        .status(order.status === 'cancelled' ? 200 : 202)
        .location(`/orders/${orderId}`)
        .json({ ...viewOf(order), next: nextOf(order) });
    });
  },
});

/** What can be no id is no order either. */
function orderIdOf(text: string): string {
  return OrderId.safeParse(text).data ?? unknownOrder(text);
}

function unknownOrder(id: string): never {
  throw new HttpProblem(404, `there is no order ${id}`);
}
