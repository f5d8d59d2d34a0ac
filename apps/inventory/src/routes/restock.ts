import { derivedId, HttpProblem, newId } from '@ebb/core';
import { defineRoute, type RouteTransaction } from '@ebb/function';
import { IdempotencyKey, StockRestocked } from '@ebb/schemas';
import * as z from 'zod/mini';
import type { Item } from '../domain/reservation.ts';
import { findRestock, insertRestock } from '../store/restocks.ts';
import { addStock, findStock } from '../store/stock.ts';
import { OfProduct, Restock, StockLevel } from './stock-level.ts';

/** For the warehouse, not for customers. */
export const restock = defineRoute('POST /stock/:sku/restock', {
  summary: 'Book goods that came in',
  tags: ['stock'],
  params: OfProduct,
  headers: z.object({ 'idempotency-key': z.optional(IdempotencyKey) }),
  body: Restock,
  answers: {
    200: { schema: StockLevel, description: 'the new level' },
    404: 'there is no such product',
    409: 'this Idempotency-Key was used for another restock',
  },
  access: 'anyone',
  gateway: false,
  emits: [StockRestocked],
  async handle({ params: { sku }, headers, body: { quantity } }, { transaction }) {
    // The same key always names the same restock; without one each request is a new one.
    const key = headers['idempotency-key'];
    const restockId = key === undefined ? newId() : derivedId(`restock:${key}`);
    return { status: 200, body: await transaction((tx) => book(tx, restockId, { sku, quantity })) };
  },
});

/** Books what came in. The same restock sent again changes nothing and answers the level as it is now. */
async function book({ db, emit }: RouteTransaction<readonly [typeof StockRestocked]>, restockId: string, item: Item) {
  const { sku, quantity } = item;
  if (!(await findStock(db, sku))) throw unknownProduct(sku);
  if (await insertRestock(db, restockId, item)) {
    const level = await addStock(db, item);
    if (!level) throw unknownProduct(sku);
    await emit(StockRestocked, { sku, quantity, available: level.available });
    return level;
  }
  const first = await findRestock(db, restockId);
  if (first?.sku !== sku || first.quantity !== quantity) {
    throw new HttpProblem(409, 'this Idempotency-Key was used for another restock: use a new one');
  }
  const level = await findStock(db, sku);
  if (!level) throw unknownProduct(sku);
  return level;
}

function unknownProduct(sku: string): HttpProblem {
  return new HttpProblem(404, `there is no product ${sku}`);
}
