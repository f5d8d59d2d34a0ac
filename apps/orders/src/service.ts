import { defineService } from '@ebb/function';
import { confirmOrder } from './functions/confirm-order.ts';
import { recordOrder } from './functions/record-order.ts';
import { rejectOrder } from './functions/reject-order.ts';
import { orderRoutes } from './routes/orders.ts';

export const orders = defineService('orders', {
  functions: [recordOrder, confirmOrder, rejectOrder],
  routes: [orderRoutes],
  database: { migrations: 'migrations' },
});
