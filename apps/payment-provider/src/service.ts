import { defineService } from '@ebb/function';
import { decide } from './functions/decide.ts';
import { sendWebhook } from './functions/send-webhook.ts';
import { captureAuthorization } from './routes/capture-authorization.ts';
import { showLedger } from './routes/list-ledger.ts';
import { requestAuthorization } from './routes/request-authorization.ts';
import { showAuthorization } from './routes/show-authorization.ts';
import { voidAuthorization } from './routes/void-authorization.ts';

/** Stands in for a payment provider: another company's system, with state of its own, spoken to over HTTP alone. */
export const paymentProvider = defineService('payment-provider', {
  functions: [decide, sendWebhook],
  routes: [requestAuthorization, showAuthorization, captureAuthorization, voidAuthorization, showLedger],
  database: { migrations: 'migrations' },
});
