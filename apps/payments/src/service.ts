import { defineService } from '@ebb/function';
import { authorizePayment } from './functions/authorize-payment.ts';
import { capturePayment } from './functions/capture-payment.ts';
import { voidPayment } from './functions/void-payment.ts';
import { paymentRoutes } from './routes/payments.ts';
import { webhookRoutes } from './routes/webhooks.ts';

export const payments = defineService('payments', {
  functions: [authorizePayment, capturePayment, voidPayment],
  routes: [paymentRoutes, webhookRoutes],
  database: { migrations: 'migrations' },
});
