import { setting } from '@ebb/core';
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

/** The same on lease: with a step that remembers, for some with a nap in the middle, and where it is told so with a call to the outside. */
const carry = defineFunction('carry', {
  mode: 'leased',
  on: OrderPlaced,
  order: 'unordered',
  timeout: '10s',
  lease: '15s',
  concurrency: 20,
  settings: { OUTSIDE_URL: setting.optional(setting.text({ description: 'is called before an order is booked' })) },
  async handle({ event }, { config, step, sleep, transaction }) {
    await step('begin', ({ key }) => Promise.resolve(key));
    if (/[0-3]$/.test(event.id)) await sleep('nap', '100ms');
    // Without the signal: what is left of a process that lost its lease must be kept from doing harm by others.
    if (config.OUTSIDE_URL !== undefined) await fetch(`${config.OUTSIDE_URL}?pid=${process.pid}`);
    await transaction('book', async ({ db }) => {
      await db`
        insert into entry (fn, source, event_id, type, subject)
        values ('carry', ${event.source}, ${event.id}, ${event.type}, ${event.subject ?? null})`;
    });
  },
});

serve(defineService('witness', { functions: [book, follow, carry], database: { migrations: 'migrations' } }));
