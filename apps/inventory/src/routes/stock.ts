import { HttpProblem } from '@ebb/core';
import { defineRoutes, parseBody, type RouteTransaction } from '@ebb/function';
import { Quantity, Sku, StockRestocked } from '@ebb/schemas';
import * as z from 'zod/mini';
import type { Item } from '../domain/reservation.ts';
import type { StockLevel } from '../domain/stock-level.ts';
import { findRestock, insertRestock } from '../store/restocks.ts';
import { addStock, findStock, listStock } from '../store/stock.ts';
import { restockIdOf } from './restock-id.ts';

const Restock = z.strictObject({ quantity: Quantity });

export const stockRoutes = defineRoutes('/stock', {
  emits: [StockRestocked],
  register(router, { db, transaction }) {
    router.get('/', async (_request, response) => {
      response.json({ stock: await listStock(db) });
    });

    router.get('/:sku', async (request, response) => {
      const sku = skuOf(request.params.sku);
      response.json((await findStock(db, sku)) ?? unknownProduct(sku));
    });

    router.post('/:sku/restock', async (request, response) => {
      const sku = skuOf(request.params.sku);
      const { quantity } = parseBody(Restock, request);
      const restockId = restockIdOf(request.get('idempotency-key'));
      const level = await transaction(request, (tx) => restock(tx, restockId, { sku, quantity }));
      response.json(level);
    });
  },
});

/** Books what came in. The same restock sent again changes nothing and answers the level as it is now. */
async function restock(
  { db, emit }: RouteTransaction<readonly [typeof StockRestocked]>,
  restockId: string,
  item: Item,
): Promise<StockLevel> {
  const { sku, quantity } = item;
  if (!(await findStock(db, sku))) unknownProduct(sku);
  if (await insertRestock(db, restockId, item)) {
    const level = (await addStock(db, item)) ?? unknownProduct(sku);
    await emit(StockRestocked, { sku, quantity, available: level.available });
    return level;
  }
  const first = await findRestock(db, restockId);
  if (first?.sku !== sku || first.quantity !== quantity) {
    throw new HttpProblem(409, 'this Idempotency-Key was used for another restock: use a new one');
  }
  return (await findStock(db, sku)) ?? unknownProduct(sku);
}

/** What can be no SKU is no product either, and must not reach the database: it refuses some characters. */
function skuOf(text: string): string {
  return Sku.safeParse(text).data ?? unknownProduct(text);
}

function unknownProduct(sku: string): never {
  throw new HttpProblem(404, `there is no product ${sku}`);
}
