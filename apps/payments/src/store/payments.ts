import type { Money } from '@ebb/schemas';
import type { Sql } from '@ebb/postgres';
import type { Payment, PaymentStatus } from '../domain/payment.ts';

interface PaymentRow {
  order_id: string;
  number: string;
  status: PaymentStatus;
  minor_units: string | null;
  currency: string | null;
  reason: string | null;
  authorized_at: Date | null;
  captured_at: Date | null;
  voided_at: Date | null;
}

/** Writes an order's payment down, unless there is one; a status without an amount is that of one that nobody asked for yet. */
export async function insertPayment(
  db: Sql,
  orderId: string,
  status: 'requested' | 'voiding',
  amount?: Money,
): Promise<void> {
  await db`
    insert into payments (order_id, status, minor_units, currency)
    values (${orderId}, ${status}, ${amount?.minorUnits ?? null}, ${amount?.currency ?? null})
    on conflict (order_id) do nothing`;
}

/** The payment, held for the rest of the transaction. */
export async function lockPayment(db: Sql, orderId: string): Promise<Payment | undefined> {
  const [row] = await db<PaymentRow>`select * from payments where order_id = ${orderId} for update`;
  return row && paymentOfRow(row);
}

/** Writes what a locked payment has come to, and when. */
export async function setStatus(db: Sql, orderId: string, status: PaymentStatus, reason?: string): Promise<void> {
  await db`
    update payments set
      status = ${status},
      reason = coalesce(${reason ?? null}, reason),
      authorized_at = case when ${status} = 'authorized' then now() else authorized_at end,
      captured_at = case when ${status} = 'captured' then now() else captured_at end,
      voided_at = case when ${status} = 'voided' then now() else voided_at end
    where order_id = ${orderId}`;
}

/** A payment with the times at which it changed, as others see it. */
export interface PaymentView extends Payment {
  readonly authorizedAt?: string;
  readonly capturedAt?: string;
  readonly voidedAt?: string;
}

export async function findPayment(db: Sql, orderId: string): Promise<PaymentView | undefined> {
  const [row] = await db<PaymentRow>`select * from payments where order_id = ${orderId}`;
  return row && viewOfRow(row);
}

/** Payments in the order in which they were asked for; `next` is the number to go on after, when there are more. */
export async function listPayments(
  db: Sql,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<{ readonly payments: readonly PaymentView[]; readonly next: number | undefined }> {
  const rows = await db<PaymentRow>`select * from payments where number > ${after} order by number limit ${limit + 1}`;
  const page = rows.slice(0, limit);
  return { payments: page.map(viewOfRow), next: rows.length > limit ? Number(page.at(-1)?.number) : undefined };
}

function paymentOfRow({ order_id: orderId, status, minor_units: minorUnits, currency, reason }: PaymentRow): Payment {
  return {
    orderId,
    status,
    ...(minorUnits !== null && currency !== null && { amount: { minorUnits: Number(minorUnits), currency } }),
    ...(reason !== null && { reason }),
  };
}

function viewOfRow(row: PaymentRow): PaymentView {
  const { authorized_at: authorizedAt, captured_at: capturedAt, voided_at: voidedAt } = row;
  return {
    ...paymentOfRow(row),
    ...(authorizedAt && { authorizedAt: authorizedAt.toISOString() }),
    ...(capturedAt && { capturedAt: capturedAt.toISOString() }),
    ...(voidedAt && { voidedAt: voidedAt.toISOString() }),
  };
}
