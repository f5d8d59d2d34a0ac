import { defineRoute } from '@ebb/function';
import { wholeNumber } from '@ebb/schemas';
import * as z from 'zod/mini';
import { listPayments } from '../store/payments.ts';
import { PaymentView } from './payment-view.ts';

const MAX_LIMIT = 1_000;

const Query = z.object({
  /** The `nextAfter` of the page before. */
  after: z._default(wholeNumber(0, Number.MAX_SAFE_INTEGER), 0),
  limit: z._default(wholeNumber(1, MAX_LIMIT), 100),
});
const Page = z.object({ payments: z.array(PaymentView), nextAfter: z.optional(z.int()) });

/** For the books, not for customers. */
export const listAllPayments = defineRoute('GET /payments', {
  summary: 'List payments in the order in which they were asked for',
  tags: ['payments'],
  query: Query,
  answers: { 200: { schema: Page, description: 'a page; without nextAfter it is the last' } },
  access: 'anyone',
  gateway: false,
  async handle({ query }, { db }) {
    const { payments, next } = await listPayments(db, query);
    return { status: 200, body: { payments, ...(next !== undefined && { nextAfter: next }) } };
  },
});
