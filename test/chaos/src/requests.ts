import type { HttpOptions } from '@ebb/testing/local';
import type { Line, OrderAction, RestockAction } from './plan.ts';

/** A request that can be sent again as it is. */
export interface Request {
  /** For people. */
  readonly what: string;
  /** '' is the platform. */
  readonly service: string;
  readonly path: string;
  readonly options: HttpOptions;
  /** Statuses that are proper answers, besides success and those of an outage. */
  readonly proper?: readonly number[];
}

const PLACED = 'dev.ebb.orders.order.placed.v1';
const TOO_LATE = 409;
const JSON_TYPE = 'application/json';

export function orderRequest(action: OrderAction): Request {
  const { via, orderId, lines, client, n, card, country } = action;
  const terms = { paymentToken: card, shipTo: { country, postalCode: '10115' } };
  if (via === 'broker') return orderEvent({ eventId: orderId, orderId, lines, client, terms });
  const named = via === 'id' ? { orderId } : {};
  const key: Record<string, string> = via === 'key' ? { 'idempotency-key': `order-${n}-${orderId}` } : {};
  return {
    what: `order ${n} over HTTP`,
    service: 'orders',
    path: '/orders',
    options: {
      method: 'POST',
      headers: { 'content-type': JSON_TYPE, ...key },
      body: JSON.stringify({ ...named, lines, ...terms }),
    },
  };
}

export interface OrderEvent {
  readonly eventId: string;
  readonly orderId: string;
  readonly lines: readonly Line[];
  readonly client: number;
  readonly terms?: object;
}

/** An order as a stranger publishes it: a CloudEvent by hand, in binary mode. */
export function orderEvent({ eventId, orderId, lines, client, terms = {} }: OrderEvent): Request {
  return {
    what: `event ${eventId} to the broker`,
    service: '',
    path: '/broker/default/orders',
    options: {
      method: 'POST',
      headers: {
        'content-type': JSON_TYPE,
        'ce-specversion': '1.0',
        'ce-id': eventId,
        'ce-source': `/chaos/client-${client}`,
        'ce-type': PLACED,
        'ce-subject': orderId,
      },
      body: JSON.stringify({ orderId, lines, total: totalOf(lines), ...terms }),
    },
  };
}

export function restockRequest({ n, key, sku, quantity }: RestockAction): Request {
  return {
    what: `restock ${n}`,
    service: 'inventory',
    path: `/stock/${sku}/restock`,
    options: {
      method: 'POST',
      headers: { 'content-type': JSON_TYPE, 'idempotency-key': key },
      body: JSON.stringify({ quantity }),
    },
  };
}

export function cancellation(orderId: string): Request {
  const path = `/orders/${orderId}/cancellation`;
  return {
    what: `cancellation of order ${orderId}`,
    service: 'orders',
    path,
    options: { method: 'POST' },
    proper: [TOO_LATE],
  };
}

export function orderState(orderId: string): Request {
  return { what: `state of order ${orderId}`, service: 'orders', path: `/orders/${orderId}`, options: {} };
}

function totalOf(lines: readonly Line[]): Line['unitPrice'] {
  const minorUnits = lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice.minorUnits, 0);
  return { minorUnits, currency: 'EUR' };
}

export function platformStatus(): Request {
  return { what: 'status', service: '', path: '/ebb/v1/status', options: {} };
}

/** A page of what did not take effect. */
export function deadList(cursor: string | undefined): Request {
  const query = new URLSearchParams({ limit: '500', ...(cursor !== undefined && { cursor }) });
  return { what: 'dead letters', service: '', path: `/ebb/v1/dead?${query.toString()}`, options: {} };
}
