import { defineFunction } from '@ebb/function';
import { AuthorizationSettled, DecisionFellDue } from '@ebb/schemas';
import { cardOf } from '../domain/cards.ts';
import { lockAuthorization, setStatus } from '../store/authorizations.ts';
import { bookEntry } from '../store/ledger.ts';

/** The customer came back from their bank: a pending authorization is decided, unless it was voided meanwhile. */
export const decide = defineFunction('decide', {
  on: DecisionFellDue,
  emits: [AuthorizationSettled],
  timeout: '10s',
  async handle({ data: { reference } }, { db, emit, log }) {
    const payment = await lockAuthorization(db, reference);
    const { later, reason } = cardOf(payment?.token ?? '');
    if (payment?.status !== 'pending' || !payment.amount || !later) return;
    const refusal = later === 'declined' && reason !== undefined ? { reason } : {};
    await setStatus(db, reference, later, refusal.reason);
    if (later === 'authorized') await bookEntry(db, reference, 'authorized', payment.amount);
    await emit(AuthorizationSettled, { reference, status: later, ...refusal });
    log.info({ reference, status: later }, 'decided');
  },
});
