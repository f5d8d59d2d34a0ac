import { defineService } from '@ebb/function';
import { expirePayment } from './functions/expire-payment.ts';
import { followPayment } from './functions/follow-payment.ts';
import { followShipping } from './functions/follow-shipping.ts';
import { followStock } from './functions/follow-stock.ts';
import { recordOrder } from './functions/record-order.ts';
import { orderRoutes } from './routes/orders.ts';

export const orders = defineService('orders', {
  functions: [recordOrder, followStock, followShipping, followPayment, expirePayment],
  routes: [orderRoutes],
  database: { migrations: 'migrations' },
});
