import { defineService } from '@ebb/function';
import { authorizePayment } from './functions/authorize-payment.ts';
import { capturePayment } from './functions/capture-payment.ts';
import { voidPayment } from './functions/void-payment.ts';
import { listAllPayments } from './routes/list-payments.ts';
import { showPayment } from './routes/show-payment.ts';
import { takeWebhook } from './routes/take-webhook.ts';

export const payments = defineService('payments', {
  functions: [authorizePayment, capturePayment, voidPayment],
  routes: [listAllPayments, showPayment, takeWebhook],
  database: { migrations: 'migrations' },
});
