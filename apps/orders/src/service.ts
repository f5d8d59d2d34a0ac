import { defineService } from '@ebb/function';
import { expirePayment } from './functions/expire-payment.ts';
import { followPayment } from './functions/follow-payment.ts';
import { followShipping } from './functions/follow-shipping.ts';
import { followStock } from './functions/follow-stock.ts';
import { recordOrder } from './functions/record-order.ts';
import { listOrdersByAge } from './routes/list-orders.ts';
import { placeOrder } from './routes/place-order.ts';
import { requestCancellation } from './routes/request-cancellation.ts';
import { showOrder } from './routes/show-order.ts';

export const orders = defineService('orders', {
  functions: [recordOrder, followStock, followShipping, followPayment, expirePayment],
  routes: [placeOrder, listOrdersByAge, showOrder, requestCancellation],
  database: { migrations: 'migrations' },
});
