import { HttpProblem } from '@ebb/core';
import { parseData } from '@ebb/events';
import { defineRoutes } from '@ebb/function';
import { OrderId } from '@ebb/schemas';
import * as z from 'zod/mini';
import { findPayment, listPayments } from '../store/payments.ts';

const MAX_LIMIT = 1_000;

const Query = z.object({
  /** The `nextAfter` of the page before. */
  after: z._default(z.coerce.number().check(z.multipleOf(1), z.minimum(0)), 0),
  limit: z._default(z.coerce.number().check(z.multipleOf(1), z.minimum(1), z.maximum(MAX_LIMIT)), 100),
});

export const paymentRoutes = defineRoutes('/payments', {
  register(router, { db }) {
    router.get('/', async (request, response) => {
      const { payments, next } = await listPayments(db, parseData(Query, request.query, 'the query'));
      response.json({ payments, ...(next !== undefined && { nextAfter: next }) });
    });

    router.get('/:orderId', async (request, response) => {
      const id = OrderId.safeParse(request.params.orderId);
      const payment = id.success ? await findPayment(db, id.data) : undefined;
      if (!payment) throw new HttpProblem(404, `there is no payment of order ${request.params.orderId}`);
      response.json(payment);
    });
  },
});
