import { HttpProblem } from '@ebb/core';
import type { Sql } from '@ebb/postgres';
import { afterVoid, captures, viewOf, type Authorization, type AuthorizationStatus } from '../domain/authorization.ts';
import { cardOf } from '../domain/cards.ts';
import { insertAuthorization, lockAuthorization, setStatus } from '../store/authorizations.ts';
import { bookEntry } from '../store/ledger.ts';
import type { AuthorizationView } from './authorization-view.ts';

type Done = { readonly status: 200; readonly body: AuthorizationView };
type Refused = { readonly status: 402; readonly body: AuthorizationView };

/** Takes the money that is held. @throws HttpProblem 404, 409 */
export async function capturePayment(db: Sql, reference: string): Promise<Done | Refused> {
  const payment = await lockAuthorization(db, reference);
  if (!payment) throw new HttpProblem(404, `there is no payment ${reference}`);
  if (captures(payment)) {
    if (!cardOf(payment.token ?? '').isCapturable) {
      return {
        status: 402,
        body: { reference, status: payment.status, reason: 'the bank withdrew its authorization' },
      };
    }
    await setStatus(db, reference, 'captured');
    if (payment.amount) await bookEntry(db, reference, 'captured', payment.amount);
  }
  return answerWith(payment, 'captured');
}

/** Gives a payment up, however far it is; one that was never asked for is refused from then on. @throws HttpProblem 409 */
export async function voidPayment(db: Sql, reference: string): Promise<Done> {
  const unasked: Authorization = { reference, status: 'voided' };
  if (await insertAuthorization(db, unasked)) return answerWith(unasked, 'voided');
  const payment = await lockAuthorization(db, reference);
  if (!payment) throw new RangeError('what is in the way of a row is there');
  const status = afterVoid(payment);
  if (payment.status === 'authorized' && payment.amount) await bookEntry(db, reference, 'voided', payment.amount);
  if (status !== payment.status) await setStatus(db, reference, status);
  return answerWith(payment, status);
}

function answerWith(payment: Authorization, status: AuthorizationStatus): Done {
  return { status: 200, body: { ...viewOf(payment), status } };
}
