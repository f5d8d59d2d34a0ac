import type { Sql } from '@ebb/postgres';
import type { Item, Outcome } from '../domain/reservation.ts';

/** Claims an order's one reservation; false when it has been decided already, whatever event asks for it again. */
export async function beginReservation(db: Sql, orderId: string, outcome: Outcome = 'reserved'): Promise<boolean> {
  const begun = await db`
    insert into reservations (order_id, outcome) values (${orderId}, ${outcome})
    on conflict (order_id) do nothing
    returning order_id`;
  return begun.length === 1;
}

/** An order's reservation, held for the rest of the transaction, with what is set aside for it. */
export async function lockReservation(
  db: Sql,
  orderId: string,
): Promise<{ readonly outcome: Outcome; readonly items: Item[] } | undefined> {
  const [row] = await db<{ outcome: Outcome }>`
    select outcome from reservations where order_id = ${orderId} for update`;
  if (!row) return undefined;
  const items = await db<Item>`select sku, quantity from reservation_items where order_id = ${orderId} order by sku`;
  return { outcome: row.outcome, items: [...items] };
}

export async function setOutcome(db: Sql, orderId: string, outcome: Outcome): Promise<void> {
  await db`update reservations set outcome = ${outcome}, decided_at = now() where order_id = ${orderId}`;
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

/** Ends what is set aside for an order: it goes back on the shelf, or leaves the warehouse. The caller has locked the stock. */
export async function endReservation(db: Sql, orderId: string, outcome: 'released' | 'committed'): Promise<void> {
  const leaves = outcome === 'committed';
  await db`
    update stock set
      reserved = reserved - item.quantity,
      on_hand = on_hand - case when ${leaves}::boolean then item.quantity else 0 end
    from reservation_items item
    where item.order_id = ${orderId} and stock.sku = item.sku`;
  await setOutcome(db, orderId, outcome);
}
