import { defineFunction, defineService, serve } from '@ebb/function';
import { OrderConfirmed, OrderPlaced, StockRestocked } from '@ebb/schemas';

/** Books every event that it is given. Nothing here notices a duplicate: that is what the platform promises to do. */
const book = defineFunction('book', {
  on: [OrderPlaced, OrderConfirmed],
  order: 'unordered',
  timeout: '10s',
  concurrency: 20,
  async handle({ event }, { db }) {
    await db`
      insert into entry (fn, source, event_id, type, subject)
      values ('book', ${event.source}, ${event.id}, ${event.type}, ${event.subject ?? null})`;
  },
});

/** Adds up what came in, in the order of the events of each product. */
const follow = defineFunction('follow', {
  on: StockRestocked,
  order: 'ordered',
  timeout: '10s',
  async handle({ event, data }, { db }) {
    await db`
      insert into entry (fn, source, event_id, type, subject, quantity)
      values ('follow', ${event.source}, ${event.id}, ${event.type}, ${data.sku}, ${data.quantity})`;
    await db`
      insert into tally (sku, units) values (${data.sku}, ${data.quantity})
      on conflict (sku) do update set units = tally.units + excluded.units`;
  },
});

serve(defineService('witness', { functions: [book, follow], database: { migrations: 'migrations' } }));
