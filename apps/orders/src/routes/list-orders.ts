import { defineRoute } from '@ebb/function';
import * as z from 'zod/mini';
import { viewOf } from '../domain/order.ts';
import { cursorOf, PageQuery, pageOf } from '../domain/page.ts';
import { listOrders } from '../store/orders.ts';
import { OrderView } from './order-view.ts';

const Page = z.object({ orders: z.array(OrderView), nextCursor: z.optional(z.string()) });

export const listOrdersByAge = defineRoute('GET /orders', {
  summary: 'List orders, the newest first',
  tags: ['orders'],
  query: PageQuery,
  answers: { 200: { schema: Page, description: 'a page; without nextCursor it is the last' } },
  access: 'anyone',
  async handle({ query }, { db }) {
    const { orders, next } = await listOrders(db, pageOf(query));
    const nextCursor = next === undefined ? {} : { nextCursor: cursorOf(next) };
    return { status: 200, body: { orders: orders.map(viewOf), ...nextCursor } };
  },
});
