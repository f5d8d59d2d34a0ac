import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeadPage } from '@ebb/local/client';
import { installation, ORDER_PLACED, TRACE_ID, type Installation } from './installation.fixture.ts';
import { pod } from './resources.fixture.ts';

const DRAW = { color: false, width: 120 };

let ebb: Installation;

beforeEach(async () => {
  ebb = await installation();
});
afterEach(async () => {
  await ebb.stop();
});

describe('the status of an installation', () => {
  it('is that of its resources, and of what the relay knows', async () => {
    const status = await ebb.cluster.target.status();
    expect(status.services).toEqual([
      expect.objectContaining({ name: 'orders', kind: 'service', state: 'ready', ready: 1, revision: 'orders-00002' }),
      expect.objectContaining({ name: 'relay', kind: 'worker', state: 'ready', ready: 1 }),
    ]);
    expect(status.triggers).toEqual([
      { name: 'inventory-reserve-stock', broker: 'orders', service: 'inventory', types: [ORDER_PLACED], lag: 3 },
    ]);
    expect(status.parked).toEqual({ orders: { terminal: 2 } });
    expect(status.problems).toEqual([]);
    expect(status.url).toContain('context kind-ebb, namespace ebb');
  });

  it('says what is not ready, and why', async () => {
    const { server } = ebb;
    server.remove('Trigger', 'inventory-reserve-stock');
    server.remove('Pod', 'orders-00002-x');
    const orders = server.find('Service', 'orders');
    Object.assign(orders?.status as object, {
      conditions: [
        { type: 'Ready', status: 'Unknown' },
        { type: 'ConfigurationsReady', status: 'False', reason: 'RevisionFailed', message: 'image not found' },
      ],
    });
    server.add(
      pod('orders-00003-x', {
        labels: { 'serving.knative.dev/service': 'orders' },
        waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' },
      }),
    );
    Object.assign(server.find('Broker', 'orders')?.status as object, { observedGeneration: 0 });
    const status = await ebb.cluster.target.status();
    expect(status.services[0]).toMatchObject({
      state: 'failing',
      lastError: expect.stringMatching(
        /RevisionFailed: image not found; container main waits: ImagePullBackOff/,
      ) as unknown as string,
    });
    expect(status.problems).toEqual(['Broker orders is not ready: its controller has not seen it yet']);
  });

  it('is there without the relay, and says what is missing', async () => {
    ebb.server.remove('Secret', 'ebb-operator');
    const { services, problems } = await ebb.cluster.target.status();
    expect(services).toHaveLength(2);
    expect(problems).toEqual([expect.stringContaining('there is no Secret "ebb-operator" in namespace "ebb"')]);
  });
});

describe('publishing', () => {
  it('sends the event to the ingress as any producer does, with its trace', async () => {
    const receipt = await ebb.cluster.target.publish({ type: ORDER_PLACED, example: true, id: 'e-1' });
    expect(receipt).toMatchObject({ id: 'e-1', topic: 'orders', subject: 'o-1' });
    const [asked] = ebb.ingress.asked;
    expect(asked).toMatchObject({ method: 'POST', path: '/ebb/orders', body: '{"orderId":"o-1"}' });
    expect(asked?.headers).toMatchObject({ 'ce-id': 'e-1', 'ce-partitionkey': 'o-1', 'ce-type': ORDER_PLACED });
    expect(asked?.headers.traceparent).toBe(asked?.headers['ce-traceparent']);
    expect(asked?.headers.traceparent).toContain(receipt.traceId);
  });

  it.each([
    [{ type: 'dev.ebb.orders.order.place.v1', example: true }, /did you mean dev\.ebb\.orders\.order\.placed\.v1/],
    [{ type: ORDER_PLACED, data: {} }, /does not fit its schema/],
    [{ type: ORDER_PLACED }, /needs data/],
  ])('refuses %j before it sends anything', async (request, message) => {
    await expect(ebb.cluster.target.publish(request)).rejects.toThrow(message);
    expect(ebb.ingress.asked).toEqual([]);
  });
});

describe('publishing to a topic', () => {
  it('needs a Broker that is on it', async () => {
    ebb.server.remove('Broker', 'orders');
    await expect(ebb.cluster.target.publish({ type: ORDER_PLACED, example: true })).rejects.toThrow(
      'no Broker in namespace "ebb" is on the topic orders',
    );
  });
});

describe('traces', () => {
  it('are found by trace id and by event id', async () => {
    ebb.spans = [{ spanID: '00f067aa0ba902b7', instance: 'orders-00002@x:1' }];
    const byTrace = await ebb.cluster.target.trace(TRACE_ID, DRAW);
    expect(byTrace.text).toContain('process reserve-stock');
    const byEvent = await ebb.cluster.target.trace('e-1', DRAW);
    expect(byEvent).toEqual(byTrace);
  });
});

describe('what passes, and dead letters', () => {
  it('come from the relay, with the token of the Secret', async () => {
    const stop = new AbortController();
    for await (const event of ebb.cluster.target.tail({ type: 'a.*' }, stop.signal)) {
      expect(event).toMatchObject({ kind: 'received', path: '/ebb/v1/events?type=a.*' });
      stop.abort();
    }
    const dead = await ebb.cluster.target.dead();
    await expect(dead.get<DeadPage>('/dead?limit=1')).resolves.toEqual({ items: [] });
    await expect(dead.get('/nothing')).rejects.toThrow('Not Found');
  });

  it('say which pod is not there, and which port nobody listens on', async () => {
    ebb.server.remove('Pod', 'relay-x');
    const dead = await ebb.cluster.target.dead();
    await expect(dead.get('/dead')).rejects.toThrow(
      'no pod with app.kubernetes.io/part-of=ebb,app.kubernetes.io/name=relay is ready in namespace "ebb" (there is none)',
    );
  });

  it('say which port nobody listens on', async () => {
    ebb.server.forwardTo('ebb/relay-x', 8090, undefined);
    const dead = await ebb.cluster.target.dead();
    await expect(dead.get('/dead')).rejects.toThrow(/port 8090 of pod (ebb\/)?relay-x.*connection refused/);
  });
});
