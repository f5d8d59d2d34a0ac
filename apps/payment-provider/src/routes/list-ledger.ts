import { defineRoute } from '@ebb/function';
import { Money, wholeNumber } from '@ebb/schemas';
import * as z from 'zod/mini';
import { LEDGER_ENTRIES, listLedger } from '../store/ledger.ts';

const MAX_LIMIT = 1_000;

const Query = z.object({
  reference: z.optional(z.string()),
  /** Entries after this one. */
  after: z._default(wholeNumber(0, Number.MAX_SAFE_INTEGER), 0),
  limit: z._default(wholeNumber(1, MAX_LIMIT), MAX_LIMIT),
});

const Entry = z.object({
  entry: z.int(),
  reference: z.string(),
  what: z.enum(LEDGER_ENTRIES),
  amount: Money,
  at: z.iso.datetime(),
});
const Page = z.object({ entries: z.array(Entry), nextAfter: z.optional(z.int()) });

/** Every movement of money: what an accountant, or a checker, compares the merchant's books with. */
export const showLedger = defineRoute('GET /ledger', {
  summary: 'List every movement of money',
  tags: ['ledger'],
  query: Query,
  answers: { 200: { schema: Page, description: 'a page; without nextAfter it is the last' } },
  access: 'anyone',
  gateway: false,
  async handle({ query: { reference, after, limit } }, { db }) {
    const entries = await listLedger(db, { reference, after, limit });
    const last = entries.length === limit ? entries.at(-1) : undefined;
    return { status: 200, body: { entries, ...(last && { nextAfter: last.entry }) } };
  },
});
