import { defineRoute } from '@ebb/function';
import { answerOnce } from '../store/answers.ts';
import { AuthorizationView, OfReference, WithKey } from './authorization-view.ts';
import { voidPayment } from './change-payment.ts';

export const voidAuthorization = defineRoute('POST /authorizations/:reference/void', {
  summary: 'Give a payment up',
  description: 'Also before it was asked for: it is refused from then on.',
  tags: ['authorizations'],
  params: OfReference,
  headers: WithKey,
  answers: {
    200: { schema: AuthorizationView, description: 'nothing is held, and nothing will be' },
    409: 'the money was taken',
    422: 'this Idempotency-Key was used for another request',
  },
  access: 'anyone',
  gateway: false,
  async handle({ params: { reference }, headers }, { transaction }) {
    const { answer } = await transaction(({ db }) =>
      answerOnce(db, headers['idempotency-key'], ['void', reference], () => voidPayment(db, reference)),
    );
    return answer;
  },
});
