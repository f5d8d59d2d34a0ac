import type { RouteTransaction } from '@ebb/function';
import {
  CaptureRequested,
  OrderCancelled,
  OrderConfirmed,
  OrderExpired,
  OrderRejected,
  PaymentRequested,
  PaymentWindowExpired,
  StockReleaseRequested,
  VoidRequested,
} from '@ebb/schemas';
import type { Order } from '../domain/order.ts';
import { dueOf } from '../domain/progress.ts';

/** Everything that the saga tells others. */
export const SAGA_EVENTS = [
  PaymentRequested,
  PaymentWindowExpired,
  CaptureRequested,
  VoidRequested,
  StockReleaseRequested,
  OrderConfirmed,
  OrderRejected,
  OrderCancelled,
  OrderExpired,
] as const;

/** What of a function's or a route's transaction the saga needs. */
export type SagaTransaction = Pick<RouteTransaction<typeof SAGA_EVENTS>, 'db' | 'emit' | 'after' | 'cancel' | 'log'>;

/** The timer of an order's payment window. */
export const paymentWindowOf = (orderId: string): string => `payment-window:${orderId}`;

/** Says what an order has come to, to whom it concerns. */
export async function announce(order: Order, { emit, after }: SagaTransaction, paymentWindowMs: number): Promise<void> {
  const { orderId, total, shipping, paymentToken } = order;
  switch (order.status) {
    case 'awaiting-payment':
      await after(`${paymentWindowMs}ms`, PaymentWindowExpired, { orderId }, { name: paymentWindowOf(orderId) });
      return emit(PaymentRequested, { orderId, amount: dueOf(order), paymentToken });
    case 'authorized':
      return emit(CaptureRequested, { orderId });
    case 'voiding':
      return emit(VoidRequested, { orderId });
    case 'releasing':
      return emit(StockReleaseRequested, { orderId });
    case 'confirmed':
      return emit(OrderConfirmed, { orderId, total, shipping: shipping ?? { ...total, minorUnits: 0 } });
    case 'rejected':
      return emit(OrderRejected, { orderId, reason: order.reason ?? 'unknown' });
    case 'cancelled':
      return emit(OrderCancelled, { orderId });
    case 'expired':
      return emit(OrderExpired, { orderId });
    case 'placed':
    case 'reserved':
    case 'quoted':
    case 'captured':
      // Whoever comes next reacts to somebody else's event.
      return;
  }
}
