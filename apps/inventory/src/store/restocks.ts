import type { Sql } from '@ebb/postgres';
import type { Item } from '../domain/reservation.ts';

/** Notes a delivery of goods; false when one with this id was noted before. */
export async function insertRestock(db: Sql, restockId: string, { sku, quantity }: Item): Promise<boolean> {
  const inserted = await db`
    insert into restocks (restock_id, sku, quantity) values (${restockId}, ${sku}, ${quantity})
    on conflict (restock_id) do nothing
    returning restock_id`;
  return inserted.length === 1;
}

export async function findRestock(db: Sql, restockId: string): Promise<Item | undefined> {
  const [row] = await db<Item>`select sku, quantity from restocks where restock_id = ${restockId}`;
  return row;
}
