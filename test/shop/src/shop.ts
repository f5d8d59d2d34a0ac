import { randomUUID } from 'node:crypto';
import type { Ebb, HttpResult } from '@ebb/testing/local';
import { eventually } from '@ebb/testing';

export const PLACED = 'dev.ebb.orders.order.placed.v1';
export const SKU = 'MUG-BLUE';

export type OrderStatus =
  | 'placed'
  | 'reserved'
  | 'quoted'
  | 'awaiting-payment'
  | 'authorized'
  | 'captured'
  | 'confirmed'
  | 'voiding'
  | 'releasing'
  | 'rejected'
  | 'cancelled'
  | 'expired';

/** What nothing follows. */
const DECIDED: ReadonlySet<OrderStatus> = new Set(['confirmed', 'rejected', 'cancelled', 'expired']);

export interface Order {
  readonly orderId: string;
  readonly status: OrderStatus;
  readonly reason?: string;
  readonly total: Money;
  readonly shipping?: Money;
  readonly trackingNumber?: string;
  readonly history: readonly { readonly what: string; readonly at: string; readonly reason?: string }[];
  /** What may follow. */
  readonly next: readonly { readonly when: string; readonly then: OrderStatus }[];
}

export interface Money {
  readonly minorUnits: number;
  readonly currency: string;
}

/** Where an order goes and what it is paid with; what is left out is what works. */
export interface Terms {
  /** How the provider's stand-in behaves: `tok_ok`, `tok_declined`, `tok_ambiguous`, … */
  readonly paymentToken?: string;
  readonly shipTo?: { readonly country: string; readonly postalCode: string };
}

export interface Line {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: { readonly minorUnits: number; readonly currency: string };
}

export const line = (quantity = 1, sku = SKU): Line => ({
  sku,
  quantity,
  unitPrice: { minorUnits: 1_250, currency: 'EUR' },
});

/** An order as a customer sends it. */
export function placeOrder(
  ebb: Ebb,
  lines: readonly Line[] = [line()],
  orderId?: string,
  terms: Terms = {},
): Promise<HttpResult> {
  return ebb.http('orders', '/orders', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ lines, ...terms, ...(orderId !== undefined && { orderId }) }),
  });
}

/** The data of an `order.placed` event from outside. */
export function placedData(lines: readonly Line[] = [line()], orderId: string = randomUUID()) {
  const minorUnits = lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice.minorUnits, 0);
  return { orderId, lines, total: { minorUnits, currency: 'EUR' } };
}

/** Publishes to the broker as a stranger with curl does: no library, the CloudEvent by hand, in binary mode. */
export function publishBinary(
  ebb: Ebb,
  id: string,
  data: unknown,
  more: Record<string, string> = {},
): Promise<HttpResult> {
  return ebb.http('', '/broker/default/orders', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': id,
      'ce-source': '/stranger',
      'ce-type': PLACED,
      ...more,
    },
    body: typeof data === 'string' ? data : JSON.stringify(data),
  });
}

export function publishStructured(ebb: Ebb, id: string, data: unknown): Promise<HttpResult> {
  return ebb.http('', '/broker/default/orders', {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify({
      specversion: '1.0',
      id,
      source: '/stranger',
      type: PLACED,
      datacontenttype: 'application/json',
      data,
    }),
  });
}

export async function orderOf(ebb: Ebb, orderId: string): Promise<Order | undefined> {
  const response = await ebb.http('orders', `/orders/${orderId}`);
  return response.status === 200 ? response.json<Order>() : undefined;
}

/** Waits until an order is decided. */
export function decided(ebb: Ebb, orderId: string, timeoutMs = 20_000): Promise<Order> {
  return eventually(
    async () => {
      const order = await orderOf(ebb, orderId);
      if (!order || !DECIDED.has(order.status)) throw new Error(`order ${orderId} is ${order?.status ?? 'unknown'}`);
      return order;
    },
    { timeoutMs },
  );
}

/** Waits until an order comes to a status on its way. */
export function reached(ebb: Ebb, orderId: string, status: OrderStatus, timeoutMs = 20_000): Promise<Order> {
  return eventually(
    async () => {
      const order = await orderOf(ebb, orderId);
      if (order?.status !== status) throw new Error(`order ${orderId} is ${order?.status ?? 'unknown'}, not ${status}`);
      return order;
    },
    { timeoutMs },
  );
}

export function cancel(ebb: Ebb, orderId: string): Promise<HttpResult> {
  return ebb.http('orders', `/orders/${orderId}/cancellation`, { method: 'POST' });
}

export interface Payment {
  readonly orderId: string;
  readonly status: 'requested' | 'pending' | 'authorized' | 'declined' | 'captured' | 'voiding' | 'voided';
  readonly amount?: Money;
}

export async function paymentOf(ebb: Ebb, orderId: string): Promise<Payment | undefined> {
  const response = await ebb.http('payments', `/payments/${orderId}`);
  return response.status === 200 ? response.json<Payment>() : undefined;
}

export interface LedgerEntry {
  readonly entry: number;
  /** The order's id. */
  readonly reference: string;
  readonly what: 'authorized' | 'captured' | 'voided';
  readonly amount: Money;
}

/** What the payment provider booked for an order, by its own account. */
export async function ledgerOf(ebb: Ebb, orderId: string): Promise<readonly LedgerEntry[]> {
  const response = await ebb.http('payment-provider', `/ledger?reference=${orderId}`);
  return response.json<{ entries: LedgerEntry[] }>().entries;
}

export interface StockLevel {
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
}

export async function stockOf(ebb: Ebb, sku = SKU): Promise<StockLevel> {
  return (await ebb.http('inventory', `/stock/${sku}`)).json<StockLevel>();
}

export async function available(ebb: Ebb, sku = SKU): Promise<number> {
  return (await stockOf(ebb, sku)).available;
}

export async function restock(ebb: Ebb, quantity: number, sku = SKU): Promise<void> {
  const response = await ebb.http('inventory', `/stock/${sku}/restock`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ quantity }),
  });
  if (response.status >= 300) throw new Error(`restock answered ${response.status}: ${response.body}`);
}
