import { HttpProblem } from '@ebb/core';
import { defineRoutes, parseBody } from '@ebb/function';
import type { Response } from 'express';
import { viewOf } from '../domain/authorization.ts';
import { cardOf } from '../domain/cards.ts';
import { PROVIDER_SETTINGS } from '../settings.ts';
import { answerOnce } from '../store/answers.ts';
import { findAuthorization } from '../store/authorizations.ts';
import { authorize, AUTHORIZE_EVENTS, NewAuthorization, Reference } from './authorize.ts';
import { capturePayment, voidPayment } from './change-payment.ts';
import { idempotencyKeyOf } from './idempotency-key.ts';

export const authorizationRoutes = defineRoutes('/authorizations', {
  emits: AUTHORIZE_EVENTS,
  settings: PROVIDER_SETTINGS,
  register(router, { db, transaction, config }) {
    router.post('/', async (request, response) => {
      const key = idempotencyKeyOf(request);
      const body = parseBody(NewAuthorization, request);
      const card = cardOf(body.token);
      if (card.answer === 'none') return closed(response);
      const {
        status,
        body: answer,
        asks,
      } = await transaction(request, (tx) =>
        answerOnce(tx.db, key, ['authorize', body], (asks) =>
          authorize(tx, body, { asks, decideAfterMs: config.DECIDE_AFTER }),
        ),
      );
      if (card.answer === 'lost' && asks === 1) response.destroy();
      else response.status(status).json(answer);
    });

    router.get('/:reference', async (request, response) => {
      const reference = referenceOf(request.params.reference);
      const authorization = await findAuthorization(db, reference);
      if (!authorization) throw new HttpProblem(404, `there is no payment ${reference}`);
      response.json(viewOf(authorization));
    });

    for (const [what, change] of [['capture', capturePayment] as const, ['void', voidPayment] as const]) {
      router.post(`/:reference/${what}`, async (request, response) => {
        const key = idempotencyKeyOf(request);
        const reference = referenceOf(request.params.reference);
        const { status, body } = await transaction(request, ({ db }) =>
          answerOnce(db, key, [what, reference], () => change(db, reference)),
        );
        response.status(status).json(body);
      });
    }
  },
});

/** What can be no reference names no payment. */
function referenceOf(text: string): string {
  const { success, data } = Reference.safeParse(text);
  if (!success) throw new HttpProblem(404, `there is no payment ${text}`);
  return data;
}

/** Waits until the client, or the service's own timeout, has had enough. */
function closed(response: Response): Promise<void> {
  return new Promise((resolve) => response.once('close', () => resolve()));
}
