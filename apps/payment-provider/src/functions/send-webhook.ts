import { RetryableError, TerminalError } from '@ebb/core';
import { defineFunction, httpClient, signedHeaders } from '@ebb/function';
import { AuthorizationSettled } from '@ebb/schemas';
import { WEBHOOK_SETTINGS } from '../settings.ts';

/** Tells the merchant what became of an authorization, again and again until they have heard it. */
export const sendWebhook = defineFunction('send-webhook', {
  mode: 'leased',
  on: AuthorizationSettled,
  settings: WEBHOOK_SETTINGS,
  order: 'unordered',
  timeout: '20s',
  retry: { attempts: 12 },
  async handle({ data, event }, { step, config, log }) {
    const body = Buffer.from(JSON.stringify({ type: 'authorization.settled', data }));
    const status = await step('send', async ({ signal }) => {
      const { status } = await httpClient(config.MERCHANT_URL).send({
        method: 'POST',
        path: '/webhooks/payment-provider',
        headers: {
          'content-type': 'application/json',
          // Signed at each attempt: the merchant takes none that is old.
          ...signedHeaders(config.WEBHOOK_SECRET.reveal(), event.id, body, Date.now()),
        },
        body,
        signal,
      });
      if (status >= 500 || status === 429) throw new RetryableError(`the merchant answered ${status}`);
      if (status >= 400) throw new TerminalError(`the merchant refused the webhook with ${status}`);
      return status;
    });
    log.info({ reference: data.reference, status }, 'webhook sent');
  },
});
