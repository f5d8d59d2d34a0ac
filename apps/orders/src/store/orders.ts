import type { Sql } from '@ebb/postgres';
import type { HistoryEntry, Order, OrderContent } from '../domain/order.ts';
import type { Page } from '../domain/page.ts';

interface OrderRow {
  order_id: string;
  status: Order['status'];
  lines: Order['lines'];
  total_minor_units: string;
  currency: string;
  ship_to: Order['shipTo'];
  payment_token: string;
  placed_at: Date;
  shipping_minor_units: string | null;
  tracking_number: string | null;
  ending: Order['ending'] | null;
  reason: string | null;
}

/** Writes an order and the start of its history; false when an order with this id exists already. */
export async function insertOrder(db: Sql, order: OrderContent, placedAt: string): Promise<boolean> {
  const { orderId, lines, total, shipTo, paymentToken } = order;
  const inserted = await db`
    insert into orders (order_id, lines, total_minor_units, currency, ship_to, payment_token, placed_at)
    values (${orderId}, ${JSON.stringify(lines)}, ${total.minorUnits}, ${total.currency}, ${JSON.stringify(shipTo)},
      ${paymentToken}, ${placedAt})
    on conflict (order_id) do nothing
    returning order_id`;
  if (inserted.length === 0) return false;
  await appendHistory(db, orderId, { what: 'placed', at: placedAt });
  return true;
}

export async function findOrder(db: Sql, orderId: string): Promise<Order | undefined> {
  const [row] = await db<OrderRow>`select * from orders where order_id = ${orderId}`;
  return row && orderOfRow(row);
}

/** The order, held for the rest of the transaction: what is decided about it stays true until the commit. */
export async function lockOrder(db: Sql, orderId: string): Promise<Order | undefined> {
  const [row] = await db<OrderRow>`select * from orders where order_id = ${orderId} for update`;
  return row && orderOfRow(row);
}

/** Writes what a locked order has come to, and what led to it. */
export async function saveProgress(db: Sql, order: Order, entries: readonly HistoryEntry[]): Promise<void> {
  const { orderId, status, shipping, trackingNumber, ending, reason } = order;
  await db`
    update orders set status = ${status}, shipping_minor_units = ${shipping?.minorUnits ?? null},
      tracking_number = ${trackingNumber ?? null}, ending = ${ending ?? null}, reason = ${reason ?? null}
    where order_id = ${orderId}`;
  for (const entry of entries) await appendHistory(db, orderId, entry);
}

interface HistoryRow {
  what: HistoryEntry['what'];
  at: string;
  reason: string | null;
}

/** An order and what happened to it, read in one statement so that the two agree. */
export async function findOrderWithHistory(
  db: Sql,
  orderId: string,
): Promise<{ readonly order: Order; readonly history: readonly HistoryEntry[] } | undefined> {
  const [row] = await db<OrderRow & { history: HistoryRow[] }>`
    select *, (
      select json_agg(json_build_object('what', what, 'at', at, 'reason', reason) order by entry)
      from order_history where order_history.order_id = orders.order_id
    ) as history
    from orders where order_id = ${orderId}`;
  return row && { order: orderOfRow(row), history: row.history.map(historyEntryOf) };
}

/** A page of orders, the newest first; `next` is the number to go on before, when there are more. */
export async function listOrders(
  db: Sql,
  { limit, before }: Page,
): Promise<{ orders: readonly Order[]; next: string | undefined }> {
  const rows = await db<OrderRow & { number: string }>`
    select * from orders
    where ${before ?? null}::bigint is null or number < ${before ?? null}::bigint
    order by number desc limit ${limit + 1}`;
  const page = rows.slice(0, limit);
  return { orders: page.map(orderOfRow), next: rows.length > limit ? page.at(-1)?.number : undefined };
}

async function appendHistory(db: Sql, orderId: string, { what, at, reason }: HistoryEntry): Promise<void> {
  await db`insert into order_history (order_id, what, at, reason) values (${orderId}, ${what}, ${at}, ${reason ?? null})`;
}

function orderOfRow(row: OrderRow): Order {
  const { currency, shipping_minor_units: shipping, tracking_number: trackingNumber, ending, reason } = row;
  return {
    orderId: row.order_id,
    status: row.status,
    lines: row.lines,
    // The driver gives 64-bit integers as text; the schema keeps ours within what a number holds exactly.
    total: { minorUnits: Number(row.total_minor_units), currency },
    shipTo: row.ship_to,
    paymentToken: row.payment_token,
    placedAt: row.placed_at.toISOString(),
    ...(shipping !== null && { shipping: { minorUnits: Number(shipping), currency } }),
    ...(trackingNumber !== null && { trackingNumber }),
    ...(ending && { ending }),
    ...(reason !== null && { reason }),
  };
}

function historyEntryOf({ what, at, reason }: HistoryRow): HistoryEntry {
  return { what, at: new Date(at).toISOString(), ...(reason !== null && { reason }) };
}
