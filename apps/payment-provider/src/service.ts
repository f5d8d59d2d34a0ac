import { defineService } from '@ebb/function';
import { decide } from './functions/decide.ts';
import { sendWebhook } from './functions/send-webhook.ts';
import { authorizationRoutes } from './routes/authorizations.ts';
import { ledgerRoutes } from './routes/ledger.ts';

/** Stands in for a payment provider: another company's system, with state of its own, spoken to over HTTP alone. */
export const paymentProvider = defineService('payment-provider', {
  functions: [decide, sendWebhook],
  routes: [authorizationRoutes, ledgerRoutes],
  database: { migrations: 'migrations' },
});
