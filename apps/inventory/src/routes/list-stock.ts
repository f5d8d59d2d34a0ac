import { defineRoute } from '@ebb/function';
import * as z from 'zod/mini';
import { listStock } from '../store/stock.ts';
import { StockLevel } from './stock-level.ts';

export const listProducts = defineRoute('GET /stock', {
  summary: 'List the stock of all products',
  tags: ['stock'],
  answers: { 200: { schema: z.object({ stock: z.array(StockLevel) }), description: 'by SKU' } },
  access: 'anyone',
  async handle(_request, { db }) {
    return { status: 200, body: { stock: await listStock(db) } };
  },
});
