import type { RouteTransaction } from '@ebb/function';
import { AuthorizationSettled, DecisionFellDue, Money, PaymentToken } from '@ebb/schemas';
import * as z from 'zod/mini';
import { viewOf, type Authorization } from '../domain/authorization.ts';
import { cardOf } from '../domain/cards.ts';
import { findAuthorization, insertAuthorization } from '../store/authorizations.ts';
import { bookEntry } from '../store/ledger.ts';
import { Reference, type AuthorizationView } from './authorization-view.ts';

/** The body of `POST /authorizations`. */
export const NewAuthorization = z.strictObject({
  reference: Reference,
  amount: Money,
  token: PaymentToken,
});

export const AUTHORIZE_EVENTS = [DecisionFellDue, AuthorizationSettled] as const;

const STATUS_OF = { pending: 202, authorized: 201, declined: 402, captured: 201, voided: 409 } as const;

type Decided = { readonly status: 201 | 202 | 402 | 409; readonly body: AuthorizationView };
type Busy = { readonly status: 503; readonly body: { readonly reason: string } };

/** Decides about a new authorization, as its card says; the merchant is told by webhook what the answer does not tell. */
export async function authorize(
  { db, emit, after }: Pick<RouteTransaction<typeof AUTHORIZE_EVENTS>, 'db' | 'emit' | 'after'>,
  { reference, amount, token }: z.infer<typeof NewAuthorization>,
  { asks, decideAfterMs }: { readonly asks: number; readonly decideAfterMs: number },
): Promise<Decided | Busy> {
  const { decision, reason, later, answer } = cardOf(token);
  if (answer === 'busy' && asks === 1) return { status: 503, body: { reason: 'busy' } };
  const refusal = decision === 'declined' && reason !== undefined ? { reason } : {};
  const authorization: Authorization = { reference, amount, token, status: decision, ...refusal };
  if (!(await insertAuthorization(db, authorization))) return answerFor(await findAuthorization(db, reference));
  if (decision === 'authorized') await bookEntry(db, reference, 'authorized', amount);
  if (later) await after(`${decideAfterMs}ms`, DecisionFellDue, { reference });
  if (answer === 'lost' && decision !== 'pending') await emit(AuthorizationSettled, { reference, status: decision });
  return answerFor(authorization);
}

function answerFor(authorization: Authorization | undefined): Decided {
  if (!authorization) throw new RangeError('what is in the way of a row is there');
  return { status: STATUS_OF[authorization.status], body: viewOf(authorization) };
}
