import * as z from 'zod/mini';
import type { CloudEvent } from '../cloud-event.ts';
import { createEvent } from './create-event.ts';
import { defineEvent } from './define-event.ts';
import type { DataOf, EventDefinition } from './event-definition.ts';

/* Not run: tsc refuses this file when a type is wider or narrower than it should be. */

const data = z.object({ orderId: z.string(), note: z.optional(z.string()) });
const example = { orderId: 'o-1' };
const options = { topic: 'orders', data, example, key: (order: { orderId: string }) => order.orderId };

const OrderPlaced = defineEvent('dev.ebb.orders.order.placed.v1', {
  topic: 'orders',
  key: (order) => order.orderId,
  data,
  example,
});

// A definition knows its type and its data.
export const type: 'dev.ebb.orders.order.placed.v1' = OrderPlaced.type;
export const orderId: string = OrderPlaced.parse({}).orderId;
export const order: DataOf<typeof OrderPlaced> = { orderId: 'o-1', note: 'quick' };
export const anyDefinition: EventDefinition = OrderPlaced;

// @ts-expect-error the type is that of this definition only
export const otherType: 'dev.ebb.orders.order.cancelled.v1' = OrderPlaced.type;
// @ts-expect-error parsed data is not `any`
export const notAny: number = OrderPlaced.parse({});
// @ts-expect-error a field is missing
export const incomplete: DataOf<typeof OrderPlaced> = { note: 'quick' };

// @ts-expect-error the key reads a field that the schema lacks
defineEvent('dev.ebb.a.b.v1', { ...options, key: (order: { customerId: string }) => order.customerId });
// @ts-expect-error the key is no string
defineEvent('dev.ebb.a.b.v1', { ...options, key: () => 1 });
// @ts-expect-error the example does not fit the schema
defineEvent('dev.ebb.a.b.v1', { ...options, example: { orderId: 1 } });
// @ts-expect-error a JSON Schema is no Standard Schema
defineEvent('dev.ebb.a.b.v1', { ...options, data: { type: 'object' } });

// An event carries its definition's data.
const event = createEvent(OrderPlaced, { orderId: 'o-1' }, { source: '/svc/orders' });
export const typed: CloudEvent<{ orderId: string; note?: string | undefined }> = event;
export const partitionKey: string | undefined = event.partitionkey;
export const eventOrderId: string | undefined = event.data?.orderId;

// @ts-expect-error a field is missing
createEvent(OrderPlaced, {}, { source: '/svc/orders' });
// @ts-expect-error a field has another type
createEvent(OrderPlaced, { orderId: 1 }, { source: '/svc/orders' });
// @ts-expect-error a field that the schema lacks
createEvent(OrderPlaced, { orderId: 'o-1', customerId: 'c-1' }, { source: '/svc/orders' });
// @ts-expect-error the source is needed
createEvent(OrderPlaced, { orderId: 'o-1' }, {});
// @ts-expect-error the version is fixed
event.specversion = '0.3';
// @ts-expect-error an extension that nobody declared has no type
export const undeclared: string = event.myextension;
