import type { Sql } from '@ebb/postgres';
import type { Item } from '../domain/reservation.ts';
import type { StockLevel } from '../domain/stock-level.ts';

interface StockRow {
  sku: string;
  name: string;
  on_hand: number;
  reserved: number;
}

export async function listStock(db: Sql): Promise<readonly StockLevel[]> {
  const rows = await db<StockRow>`select * from stock order by sku`;
  return rows.map(levelOfRow);
}

export async function findStock(db: Sql, sku: string): Promise<StockLevel | undefined> {
  const [row] = await db<StockRow>`select * from stock where sku = ${sku}`;
  return row && levelOfRow(row);
}

/**
 * What is available of each item, held for the rest of the transaction. The rows are locked in the order of the SKUs:
 * two orders that want the same products in different lines wait for each other instead of deadlocking.
 */
export async function lockAvailable(db: Sql, items: readonly Item[]): Promise<ReadonlyMap<string, number>> {
  const rows = await db<{ sku: string; available: number }>`
    select sku, on_hand - reserved as available from stock
    where sku = any (${items.map(({ sku }) => sku)})
    order by sku for no key update`;
  return new Map(rows.map(({ sku, available }) => [sku, available]));
}

/** Adds what came in and returns the new level; undefined when the product is unknown. */
export async function addStock(db: Sql, { sku, quantity }: Item): Promise<StockLevel | undefined> {
  const [row] = await db<StockRow>`
    update stock set on_hand = on_hand + ${quantity} where sku = ${sku} returning *`;
  return row && levelOfRow(row);
}

function levelOfRow({ sku, name, on_hand: onHand, reserved }: StockRow): StockLevel {
  return { sku, name, onHand, reserved, available: onHand - reserved };
}
