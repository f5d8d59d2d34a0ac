import { defineService } from '@ebb/function';
import { createLabel } from './functions/create-label.ts';
import { quoteShipping } from './functions/quote-shipping.ts';
import { showShipment } from './routes/show-shipment.ts';

export const shipping = defineService('shipping', {
  functions: [quoteShipping, createLabel],
  routes: [showShipment],
  database: { migrations: 'migrations' },
});
