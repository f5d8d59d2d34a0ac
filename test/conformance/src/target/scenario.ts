import { messageOf, parseJson, EbbError, type Json } from '@ebb/core';
import { parseData } from '@ebb/events';
import * as z from 'zod/mini';

const Name = z.string().check(z.minLength(1));
const Event = z.strictObject({ type: Name, topic: Name });

const Shape = z.strictObject({
  event: z.strictObject({ type: Name, topic: Name, data: z.record(z.string(), z.unknown()) }),
  chain: z
    .array(z.strictObject({ service: Name, function: Name, trigger: z.optional(Name), emits: Event }))
    .check(z.minLength(1)),
});

/** One function of the chain: what it is called, and what follows from it. */
export interface ChainLink {
  readonly service: string;
  readonly function: string;
  /** Default: `<service>-<function>`. */
  readonly trigger?: string;
  readonly emits: { readonly type: string; readonly topic: string };
}

/** An event, and what must follow from it: each function is woken by the event before it. */
export interface Scenario {
  /** Every text `{{id}}` in the data stands for the id of the run; it is the event's subject and key as well. */
  readonly event: { readonly type: string; readonly topic: string; readonly data: Readonly<Record<string, Json>> };
  readonly chain: readonly ChainLink[];
}

/**
 * An order for a product that nobody has: it goes through every link, and leaves nothing but a rejected order. No stock is taken, nothing is paid.
 */
export const SHOP: Scenario = {
  event: {
    type: 'dev.ebb.orders.order.placed.v1',
    topic: 'orders',
    data: {
      orderId: '{{id}}',
      lines: [{ sku: 'CONFORMANCE-TEST', quantity: 1, unitPrice: { minorUnits: 1, currency: 'EUR' } }],
      total: { minorUnits: 1, currency: 'EUR' },
    },
  },
  chain: [
    {
      service: 'inventory',
      function: 'reserve-stock',
      emits: { type: 'dev.ebb.inventory.stock.rejected.v1', topic: 'inventory' },
    },
    {
      service: 'orders',
      function: 'follow-stock',
      emits: { type: 'dev.ebb.orders.order.rejected.v1', topic: 'orders' },
    },
  ],
};

/** @throws EbbError EBB_CONFIG when it is no JSON; SchemaViolationError with every violation */
export function parseScenario(text: string): Scenario {
  let value: Json;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new EbbError('EBB_CONFIG', `the scenario is no JSON: ${messageOf(error)}`, { cause: error });
  }
  return parseData(Shape, value, 'the scenario') as Scenario;
}

/** The data with the id of a run in it. */
export function dataFor({ event }: Scenario, id: string): Json {
  return JSON.parse(JSON.stringify(event.data).replaceAll('{{id}}', id)) as Json;
}

export const triggerOf = ({ service, function: fn, trigger }: ChainLink): string => trigger ?? `${service}-${fn}`;

/** Where its events show up. */
export const topicsOf = ({ event, chain }: Scenario): readonly string[] => [
  ...new Set([event.topic, ...chain.map(({ emits }) => emits.topic)]),
];
