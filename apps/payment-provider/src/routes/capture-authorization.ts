import { defineRoute } from '@ebb/function';
import { answerOnce } from '../store/answers.ts';
import { AuthorizationView, OfReference, WithKey } from './authorization-view.ts';
import { capturePayment } from './change-payment.ts';

export const captureAuthorization = defineRoute('POST /authorizations/:reference/capture', {
  summary: 'Take the money that is held',
  tags: ['authorizations'],
  params: OfReference,
  headers: WithKey,
  answers: {
    200: { schema: AuthorizationView, description: 'the money is taken' },
    402: { schema: AuthorizationView, description: 'the bank refuses' },
    404: 'there is no such payment',
    409: 'nothing is held',
    422: 'this Idempotency-Key was used for another request',
  },
  access: 'anyone',
  gateway: false,
  async handle({ params: { reference }, headers }, { transaction }) {
    const { answer } = await transaction(({ db }) =>
      answerOnce(db, headers['idempotency-key'], ['capture', reference], () => capturePayment(db, reference)),
    );
    return answer;
  },
});
