import type { Money } from '@ebb/schemas';

export const PAYMENT_STATUSES = [
  'requested', // the provider is being asked; nobody knows yet
  'pending', // the provider will tell by webhook
  'authorized', // the provider holds the money
  'declined',
  'captured',
  'voiding', // given up; the provider is being told
  'voided',
] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

/** What may happen to a payment. */
export const PAYMENT_EVENTS = [
  'found-pending',
  'authorized',
  'declined',
  'captured',
  'void-requested',
  'voided',
] as const;
export type PaymentEvent = (typeof PAYMENT_EVENTS)[number];

export interface Payment {
  readonly orderId: string;
  readonly status: PaymentStatus;
  /** Unknown when it was given up before it was asked for. */
  readonly amount?: Money;
  readonly reason?: string;
}

/**
 * The life of a payment. What a status does not list changes nothing in it: the answer of the provider and its webhook say the
 * same twice, and either may come after the payment was given up.
 */
export const TRANSITIONS: Readonly<Record<PaymentStatus, Readonly<Partial<Record<PaymentEvent, PaymentStatus>>>>> = {
  requested: {
    'found-pending': 'pending',
    authorized: 'authorized',
    declined: 'declined',
    'void-requested': 'voiding',
  },
  pending: { authorized: 'authorized', declined: 'declined', 'void-requested': 'voiding' },
  authorized: { captured: 'captured', 'void-requested': 'voiding' },
  voiding: { voided: 'voided' },
  declined: {},
  captured: {},
  voided: {},
};

/** The status that an event leads to; undefined when it changes nothing. */
export function nextStatus(status: PaymentStatus, event: PaymentEvent): PaymentStatus | undefined {
  return TRANSITIONS[status][event];
}
