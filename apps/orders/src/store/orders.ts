import type { Sql } from '@ebb/postgres';
import type { HistoryEntry, Order, OrderContent, OrderStatus } from '../domain/order.ts';
import type { Page } from '../domain/page.ts';

interface OrderRow {
  order_id: string;
  status: OrderStatus;
  lines: Order['lines'];
  total_minor_units: string;
  currency: string;
  placed_at: Date;
}

/** Writes an order and the start of its history; false when an order with this id exists already. */
export async function insertOrder(db: Sql, order: OrderContent, placedAt: string): Promise<boolean> {
  const { orderId, lines, total } = order;
  const inserted = await db`
    insert into orders (order_id, lines, total_minor_units, currency, placed_at)
    values (${orderId}, ${JSON.stringify(lines)}, ${total.minorUnits}, ${total.currency}, ${placedAt})
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

/** Gives a locked order its outcome, with what led to it. */
export async function settleOrder(
  db: Sql,
  orderId: string,
  status: Exclude<OrderStatus, 'placed'>,
  history: readonly HistoryEntry[],
): Promise<void> {
  await db`update orders set status = ${status} where order_id = ${orderId}`;
  for (const entry of history) await appendHistory(db, orderId, entry);
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
): Promise<(Order & { readonly history: readonly HistoryEntry[] }) | undefined> {
  const [row] = await db<OrderRow & { history: HistoryRow[] }>`
    select *, (
      select json_agg(json_build_object('what', what, 'at', at, 'reason', reason) order by entry)
      from order_history where order_history.order_id = orders.order_id
    ) as history
    from orders where order_id = ${orderId}`;
  return row && { ...orderOfRow(row), history: row.history.map(historyEntryOf) };
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
  return {
    orderId: row.order_id,
    status: row.status,
    lines: row.lines,
    // The driver gives 64-bit integers as text; the schema keeps ours within what a number holds exactly.
    total: { minorUnits: Number(row.total_minor_units), currency: row.currency },
    placedAt: row.placed_at.toISOString(),
  };
}

function historyEntryOf({ what, at, reason }: HistoryRow): HistoryEntry {
  return { what, at: new Date(at).toISOString(), ...(reason !== null && { reason }) };
}
