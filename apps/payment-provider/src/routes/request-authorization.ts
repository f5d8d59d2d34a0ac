import { defineRoute } from '@ebb/function';
import * as z from 'zod/mini';
import { cardOf } from '../domain/cards.ts';
import { PROVIDER_SETTINGS } from '../settings.ts';
import { answerOnce } from '../store/answers.ts';
import { AuthorizationView, WithKey } from './authorization-view.ts';
import { authorize, AUTHORIZE_EVENTS, NewAuthorization } from './authorize.ts';

export const requestAuthorization = defineRoute('POST /authorizations', {
  summary: 'Ask for a payment',
  tags: ['authorizations'],
  headers: WithKey,
  body: NewAuthorization,
  answers: {
    201: { schema: AuthorizationView, description: 'the money is held' },
    202: { schema: AuthorizationView, description: 'it is decided later' },
    402: { schema: AuthorizationView, description: 'it is declined' },
    409: { schema: AuthorizationView, description: 'it was voided' },
    503: { schema: z.object({ reason: z.string() }), description: 'busy; nothing was done' },
  },
  access: 'anyone',
  gateway: false,
  emits: AUTHORIZE_EVENTS,
  settings: PROVIDER_SETTINGS,
  async handle({ headers, body, response }, { transaction, config, signal }) {
    const card = cardOf(body.token);
    if (card.answer === 'none') {
      await aborted(signal);
      return { status: 503, body: { reason: 'nobody waits any more' } };
    }
    const { answer, asks } = await transaction((tx) =>
      answerOnce(tx.db, headers['idempotency-key'], ['authorize', body], (asks) =>
        authorize(tx, body, { asks, decideAfterMs: config.DECIDE_AFTER }),
      ),
    );
    if (card.answer === 'lost' && asks === 1) response.destroy();
    return answer;
  },
});

/** Until the client, or the service's own timeout, has had enough. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
