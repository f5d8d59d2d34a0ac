import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@ebb/testing';
import { copyWorkspace, Ebb, type WorkspaceCopy } from '@ebb/testing/local';
import {
  available,
  decided,
  line,
  orderOf,
  placedData,
  placeOrder,
  PLACED,
  publishBinary,
  publishStructured,
  restock,
} from '@ebb/shop';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly service: string;
  readonly name: string;
}

let workspace: WorkspaceCopy;
let ebb: Ebb;

/** On a busy machine the builds of all services take their time. */
const START_DEADLINE_MS = 90_000;

beforeAll(async () => {
  workspace = copyWorkspace(import.meta.dirname);
  ebb = await Ebb.start(workspace, ['--no-watch']);
}, START_DEADLINE_MS);

afterAll(async () => {
  await ebb.stop();
  workspace.remove();
});

describe('an order', () => {
  it('placed over HTTP is created, reserved and confirmed', async () => {
    await restock(ebb, 10);
    const before = await available(ebb);
    const response = await placeOrder(ebb, [line(2)]);
    expect(response.status).toBe(201);
    const { orderId } = response.json<{ orderId: string }>();
    expect(response.headers.location).toBe(`/orders/${orderId}`);

    const order = await decided(ebb, orderId);
    expect(order.status).toBe('confirmed');
    expect(order.history.length).toBeGreaterThanOrEqual(2);
    expect(await available(ebb)).toBe(before - 2);
  });

  it('for more than there is is rejected, and nothing is set aside', async () => {
    const before = await available(ebb);
    const { orderId } = (await placeOrder(ebb, [line(1), line(9_999, 'TEE-M')])).json<{ orderId: string }>();
    expect((await decided(ebb, orderId)).status).toBe('rejected');
    expect(await available(ebb)).toBe(before);
  });

  it.each([
    ['binary', publishBinary],
    ['structured', publishStructured],
  ])('published from outside in %s mode takes effect once', async (_mode, publish) => {
    await restock(ebb, 10);
    const before = await available(ebb);
    const data = placedData([line(3)]);
    expect((await publish(ebb, randomUUID(), data)).status).toBe(202);
    expect((await decided(ebb, data.orderId)).status).toBe('confirmed');
    expect(await available(ebb)).toBe(before - 3);
  });

  it('sent 50 times at once with the same source and id takes effect once', async () => {
    await restock(ebb, 200);
    const before = await available(ebb);
    const data = placedData([line(1)]);
    const id = randomUUID();
    const answers = await Promise.all(Array.from({ length: 50 }, () => publishBinary(ebb, id, data)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect((await decided(ebb, data.orderId)).status).toBe('confirmed');
    await settled();
    expect(await available(ebb)).toBe(before - 1);
    const order = await orderOf(ebb, data.orderId);
    expect(order?.history.filter(({ what }) => what.includes('confirmed'))).toHaveLength(1);
  });
});

describe('the trace of an order', () => {
  it('holds every hop, with parents that exist and one root', async () => {
    const response = await placeOrder(ebb, [line(1)], randomUUID());
    const { orderId } = response.json<{ orderId: string }>();
    await decided(ebb, orderId);
    const spans = await eventually(
      async () => {
        const traceId = await traceOf(orderId);
        const report = await ebb.cli(['trace', traceId, '--json']);
        const found = (JSON.parse(report.stdout) as { spans: Span[] }).spans;
        for (const wanted of HOPS) {
          if (!found.some(({ service, name }) => wanted(service, name)))
            throw new Error(`a hop is missing in:\n${report.stdout}`);
        }
        return found;
      },
      { timeoutMs: 20_000 },
    );
    const ids = new Set(spans.map(({ spanId }) => spanId));
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(spans.filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(1);
    expect(spans.filter(({ parentSpanId }) => parentSpanId !== undefined && !ids.has(parentSpanId))).toEqual([]);
  });
});

/** What an order must pass through, from the request to its confirmation. */
const HOPS: readonly ((service: string, name: string) => boolean)[] = [
  (service, name) => service === 'orders' && name === 'POST /orders',
  (service, name) => service === 'orders' && name === `emit ${PLACED}`,
  (service, name) => service === 'relay' && name === 'publish orders',
  (service, name) => service === 'ebb' && name === 'deliver inventory-reserve-stock',
  (service, name) => service === 'inventory' && name === 'process reserve-stock',
  (service, name) => service === 'inventory' && name === 'emit dev.ebb.inventory.stock.reserved.v1',
  (service, name) => service === 'relay' && name === 'publish inventory',
  (service, name) => service === 'orders' && name === 'process follow-stock',
  (service, name) => service === 'shipping' && name === 'process quote-shipping',
  (service, name) => service === 'payments' && name === 'process authorize-payment',
  (service, name) => service === 'payment-provider' && name === 'POST /authorizations',
  (service, name) => service === 'payments' && name === 'process capture-payment',
  (service, name) => service === 'shipping' && name === 'process create-label',
  (service, name) => service === 'orders' && name === 'emit dev.ebb.orders.order.confirmed.v1',
  (service, name) => service === 'inventory' && name === 'process commit-stock',
];

/** The trace in which an order was placed, found as a user of Jaeger finds it. */
async function traceOf(orderId: string): Promise<string> {
  const tags = encodeURIComponent(JSON.stringify({ 'cloudevents.event_subject': orderId }));
  const response = await ebb.http('', `/api/traces?service=inventory&tags=${tags}&limit=1`);
  const [trace] = response.json<{ data: { traceID: string }[] }>().data;
  if (!trace) throw new Error(`no trace of order ${orderId} yet`);
  return trace.traceID;
}

/** Nothing waits and nothing is under way. */
async function settled(): Promise<void> {
  await eventually(
    async () => {
      const { stdout } = await ebb.cli(['status', '--json']);
      const report = JSON.parse(stdout) as { outboxPending: number; triggers: { lag: number; inFlight: number }[] };
      const busy = report.outboxPending + report.triggers.reduce((sum, { lag, inFlight }) => sum + lag + inFlight, 0);
      return busy === 0;
    },
    { timeoutMs: 20_000 },
  );
}
