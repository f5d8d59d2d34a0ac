import { parseData } from '@ebb/events';
import { defineRoutes } from '@ebb/function';
import * as z from 'zod/mini';
import { listLedger } from '../store/ledger.ts';

const MAX_LIMIT = 1_000;

const Query = z.object({
  reference: z.optional(z.string()),
  /** Entries after this one. */
  after: z._default(z.coerce.number().check(z.multipleOf(1), z.minimum(0)), 0),
  limit: z._default(z.coerce.number().check(z.multipleOf(1), z.minimum(1), z.maximum(MAX_LIMIT)), MAX_LIMIT),
});

/** Every movement of money: what an accountant, or a checker, compares the merchant's books with. */
export const ledgerRoutes = defineRoutes('/ledger', {
  register(router, { db }) {
    router.get('/', async (request, response) => {
      const { reference, after, limit } = parseData(Query, request.query, 'the query');
      const entries = await listLedger(db, { reference, after, limit });
      const last = entries.length === limit ? entries.at(-1) : undefined;
      response.json({ entries, ...(last && { nextAfter: last.entry }) });
    });
  },
});
