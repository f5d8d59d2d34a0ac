import { defineFunction, defineService, serve } from '@ebb/function';
import { OrderConfirmed, OrderPlaced } from '@ebb/schemas';

/** One event per event: nothing is asked of PostgreSQL but to take it, with the delivery, exactly once. */
const take = defineFunction('take', {
  on: OrderPlaced,
  emits: [OrderConfirmed],
  concurrency: 100,
  async handle({ data: { orderId, total } }, { emit }) {
    await emit(OrderConfirmed, { orderId, total, shipping: total });
  },
});

serve(defineService('emitting', { functions: [take], database: { migrations: 'migrations' } }));
