import { defineFunction, defineService, serve } from '@ebb/function';
import { OrderPlaced } from '@ebb/schemas';

/** One row per event, in the transaction that also claims the delivery in the inbox. */
const take = defineFunction('take', {
  on: OrderPlaced,
  concurrency: 100,
  async handle({ event, data }, { db }) {
    await db`insert into effects (event_id, order_id) values (${event.id}, ${data.orderId})`;
  },
});

serve(defineService('stored', { functions: [take], database: { migrations: 'migrations' } }));
