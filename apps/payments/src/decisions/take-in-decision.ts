import type { LeasedTransaction } from '@ebb/function';
import { PaymentAuthorized, PaymentDeclined } from '@ebb/schemas';
import { nextStatus } from '../domain/payment.ts';
import { lockPayment, setStatus } from '../store/payments.ts';

export const DECISION_EVENTS = [PaymentAuthorized, PaymentDeclined] as const;

/** What the provider says of a payment that it was asked to authorize. */
export interface Decision {
  readonly status: 'pending' | 'authorized' | 'declined' | 'captured' | 'voided';
  readonly reason?: string | undefined;
}

/**
 * Takes in what the provider decided, however we heard of it: by its answer, by webhook, or both. The second time changes nothing.
 * @returns false when there is no such payment
 */
export async function takeInDecision(
  { db, emit }: Pick<LeasedTransaction<typeof DECISION_EVENTS>, 'db' | 'emit'>,
  orderId: string,
  { status: decided, reason }: Decision,
): Promise<boolean> {
  const payment = await lockPayment(db, orderId);
  if (!payment) return false;
  // What the provider has voided or captured was asked for by other functions, which have seen to it.
  if (decided === 'captured' || decided === 'voided') return true;
  const status = nextStatus(payment.status, decided === 'pending' ? 'found-pending' : decided);
  if (!status) return true;
  await setStatus(db, orderId, status, reason);
  if (status === 'authorized' && payment.amount) await emit(PaymentAuthorized, { orderId, amount: payment.amount });
  if (status === 'declined') await emit(PaymentDeclined, { orderId, reason: reason ?? 'no reason given' });
  return true;
}
