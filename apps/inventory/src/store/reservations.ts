import type { Sql } from '@ebb/postgres';
import type { Item } from '../domain/reservation.ts';

/** Claims an order's one reservation; false when it has been decided already, whatever event asks for it again. */
export async function beginReservation(db: Sql, orderId: string): Promise<boolean> {
  const begun = await db`
    insert into reservations (order_id, outcome) values (${orderId}, 'reserved')
    on conflict (order_id) do nothing
    returning order_id`;
  return begun.length === 1;
}

export async function rejectReservation(db: Sql, orderId: string): Promise<void> {
  await db`update reservations set outcome = 'rejected' where order_id = ${orderId}`;
}

/** Sets the items aside; the caller has locked their stock and knows that there is enough. */
export async function reserveItems(db: Sql, orderId: string, items: readonly Item[]): Promise<void> {
  await db`
    with item as (
      select * from unnest(${items.map(({ sku }) => sku)}::text[], ${items.map(({ quantity }) => quantity)}::int[])
        as item (sku, quantity)
    ), taken as (
      update stock set reserved = reserved + item.quantity from item where stock.sku = item.sku
    )
    insert into reservation_items (order_id, sku, quantity) select ${orderId}::uuid, sku, quantity from item`;
}
