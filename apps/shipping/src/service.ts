import { defineService } from '@ebb/function';
import { createLabel } from './functions/create-label.ts';
import { quoteShipping } from './functions/quote-shipping.ts';
import { shipmentRoutes } from './routes/shipments.ts';

export const shipping = defineService('shipping', {
  functions: [quoteShipping, createLabel],
  routes: [shipmentRoutes],
  database: { migrations: 'migrations' },
});
