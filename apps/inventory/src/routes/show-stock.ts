import { defineRoute } from '@ebb/function';
import { findStock } from '../store/stock.ts';
import { OfProduct, StockLevel } from './stock-level.ts';

export const showProduct = defineRoute('GET /stock/:sku', {
  summary: 'Show the stock of one product',
  tags: ['stock'],
  params: OfProduct,
  answers: { 200: { schema: StockLevel, description: 'how much there is' }, 404: 'there is no such product' },
  access: 'anyone',
  async handle({ params: { sku } }, { db }) {
    const level = await findStock(db, sku);
    return level ? { status: 200, body: level } : { status: 404, detail: `there is no product ${sku}` };
  },
});
