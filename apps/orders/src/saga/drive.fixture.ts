import { newId } from '@ebb/core';
import {
  OrderPlaced,
  PaymentAuthorized,
  PaymentCaptured,
  PaymentWindowExpired,
  ShippingQuoted,
  StockReserved,
} from '@ebb/schemas';
import { exampleOf, type Delivery, type TestService } from '@ebb/testing';

/** Brings orders to where a test wants them, by the events that lead there. */
export interface Drive {
  /** An order that somebody published straight to the broker. */
  placed(): Promise<string>;
  reserved(orderId: string): Promise<Delivery>;
  quoted(orderId: string): Promise<Delivery>;
  awaitingPayment(): Promise<string>;
  authorized(): Promise<string>;
  captured(): Promise<string>;
  expired(orderId: string): Promise<Delivery>;
  show(orderId: string): Promise<unknown>;
}

export function driveOf(service: TestService): Drive {
  const reserved = (orderId: string) =>
    service.deliver('follow-stock', exampleOf(StockReserved, { orderId }, { time: '2026-11-21T07:00:01Z' }));
  const quoted = (orderId: string) => service.deliver('follow-shipping', exampleOf(ShippingQuoted, { orderId }));
  const placed = async () => {
    const orderId = newId();
    await service.deliver('record-order', exampleOf(OrderPlaced, { orderId }, { time: '2026-11-21T07:00:00Z' }));
    return orderId;
  };
  const awaitingPayment = async () => {
    const orderId = await placed();
    await reserved(orderId);
    await quoted(orderId);
    return orderId;
  };
  const authorized = async () => {
    const orderId = await awaitingPayment();
    await service.deliver('follow-payment', exampleOf(PaymentAuthorized, { orderId }));
    return orderId;
  };
  return {
    placed,
    reserved,
    quoted,
    awaitingPayment,
    authorized,
    captured: async () => {
      const orderId = await authorized();
      await service.deliver('follow-payment', exampleOf(PaymentCaptured, { orderId }));
      return orderId;
    },
    expired: (orderId) => service.deliver('expire-payment', exampleOf(PaymentWindowExpired, { orderId })),
    show: async (orderId) => (await service.request('GET', `/orders/${orderId}`)).json(),
  };
}
