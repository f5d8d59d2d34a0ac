import { defineRoute } from '@ebb/function';
import { viewOf } from '../domain/authorization.ts';
import { findAuthorization } from '../store/authorizations.ts';
import { AuthorizationView, OfReference } from './authorization-view.ts';

export const showAuthorization = defineRoute('GET /authorizations/:reference', {
  summary: 'Show what became of a payment',
  tags: ['authorizations'],
  params: OfReference,
  answers: { 200: { schema: AuthorizationView, description: 'the payment' }, 404: 'there is no such payment' },
  access: 'anyone',
  gateway: false,
  async handle({ params: { reference } }, { db }) {
    const authorization = await findAuthorization(db, reference);
    if (!authorization) return { status: 404, detail: `there is no payment ${reference}` };
    return { status: 200, body: viewOf(authorization) };
  },
});
