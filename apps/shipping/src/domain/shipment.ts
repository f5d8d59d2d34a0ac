import type { Address, Money } from '@ebb/schemas';

/** What was offered for shipping an order. */
export interface Quote {
  readonly zone: string;
  readonly grams: number;
  readonly parcels: number;
  readonly price: Money;
}

export interface Shipment extends Quote {
  readonly orderId: string;
  readonly shipTo: Address;
  /** Since there is a label. */
  readonly trackingNumber?: string;
}
