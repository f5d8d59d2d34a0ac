import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CatalogueEntry, EventEntry, FunctionEntry } from '@ebb/catalogue';
import { compileFilters } from '../filters/filters.ts';
import { parseManifests } from '../manifest/parse.ts';
import type { Deployment, KnativeService, PingSource, Resource, Trigger } from '../resources/resources.ts';
import { toYaml } from '../yaml.ts';
import { resourcesOf, type DeriveOptions } from './resources-of.ts';

const eventEntry = (type: string, topic: string): EventEntry => ({ type, topic, schema: {}, example: null });
const PLACED = eventEntry('dev.ebb.orders.order.placed.v1', 'orders');
const CANCELLED = eventEntry('dev.ebb.orders.order.cancelled.v1', 'orders');
const RESERVED = eventEntry('dev.ebb.inventory.stock.reserved.v1', 'inventory');

const fn = (name: string, on: readonly EventEntry[], changes: Partial<FunctionEntry> = {}): FunctionEntry => ({
  name,
  path: `/functions/${name}`,
  on: on.map(({ type }) => type),
  emits: [],
  timeoutMs: 10_000,
  concurrency: 10,
  order: 'unordered',
  delivery: { retry: 9, backoffPolicy: 'exponential', backoffDelay: 'PT0.2S' },
  effect: 'transactional',
  ...changes,
});

const entry = (name: string, changes: Partial<CatalogueEntry> = {}): CatalogueEntry => ({
  kind: 'service',
  name,
  version: '1',
  functions: [],
  routes: [],
  schedules: [],
  events: [PLACED, CANCELLED, RESERVED],
  outboxes: false,
  settings: [],
  scale: { timeoutMs: 300_000 },
  ...changes,
});

const INVENTORY = entry('inventory', {
  functions: [
    fn('reserve-stock', [PLACED], { order: 'ordered', filters: [{ not: { exact: { tenant: 'test' } } }] }),
    fn('audit', [PLACED, RESERVED, CANCELLED]),
  ],
  schedules: [{ name: 'nightly', cron: '0 3 * * *', timeZone: 'Europe/Berlin', event: RESERVED.type }],
});
const RELAY = entry('relay', { kind: 'worker', events: [], outboxes: true, scale: { timeoutMs: 30_000 } });

const named = <R extends Resource>(resources: readonly Resource[], kind: R['kind'], name: string): R => {
  const found = resources.find((resource) => resource.kind === kind && resource.metadata.name === name);
  expect(found).toBeDefined();
  return found as R;
};
const derive = (entries: readonly CatalogueEntry[] = [INVENTORY, RELAY], options?: DeriveOptions) =>
  resourcesOf(entries, options);

describe('the resources of definitions', () => {
  it('are brokers, services, triggers, schedules and workers, in this order', () => {
    expect(derive().map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'Broker inventory',
      'Broker orders',
      'Service inventory',
      'Trigger inventory-reserve-stock',
      'Trigger inventory-audit-inventory',
      'Trigger inventory-audit-orders',
      'PingSource inventory-nightly',
      'Deployment relay',
    ]);
  });

  it('have a Kafka broker for each topic, with its delivery in full', () => {
    expect(named(derive(), 'Broker', 'orders')).toMatchObject({
      metadata: {
        namespace: 'default',
        annotations: {
          'eventing.knative.dev/broker.class': 'Kafka',
          'kafka.eventing.knative.dev/external.topic': 'orders',
        },
      },
      spec: {
        config: { name: 'kafka-broker-config', namespace: 'knative-eventing' },
        delivery: { retry: 10, backoffPolicy: 'exponential', backoffDelay: 'PT0.2S', timeout: 'PT600S' },
      },
    });
  });

  it('have a trigger for each function, with its order, filters and delivery in full', () => {
    const trigger = named<Trigger>(derive(), 'Trigger', 'inventory-reserve-stock');
    expect(trigger.metadata.annotations).toEqual({ 'kafka.eventing.knative.dev/delivery.order': 'ordered' });
    expect(trigger.spec).toEqual({
      broker: 'orders',
      filters: [{ exact: { type: PLACED.type } }, { not: { exact: { tenant: 'test' } } }],
      subscriber: {
        ref: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'inventory' },
        uri: '/functions/reserve-stock',
      },
      delivery: { retry: 9, backoffPolicy: 'exponential', backoffDelay: 'PT0.2S', timeout: 'PT40S' },
    });
  });

  it('have a trigger for each topic of a function, for the types of that topic', () => {
    const { spec } = named<Trigger>(derive(), 'Trigger', 'inventory-audit-orders');
    expect(spec.filters).toEqual([{ any: [{ exact: { type: PLACED.type } }, { exact: { type: CANCELLED.type } }] }]);
    const passes = compileFilters(spec);
    const accepted = [PLACED, CANCELLED, RESERVED].map(({ type }) =>
      passes({ specversion: '1.0', id: '1', source: '/a', type }),
    );
    expect(accepted).toEqual([true, true, false]);
  });

  it('have, with a database, a trigger per function for what is sent to it again, on a broker that checks no schemas', () => {
    const resources = derive([{ ...INVENTORY, database: { schema: 'inventory', migrations: true } }]);
    const names = resources.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(names.filter((name) => name.includes('redelivery'))).toEqual([
      'Broker redelivery',
      'Trigger inventory-reserve-stock-redelivery',
      'Trigger inventory-audit-redelivery',
    ]);
    const broker = named(resources, 'Broker', 'redelivery');
    expect(broker.metadata.annotations).not.toHaveProperty('ebb.dev/schemas');
    const first = named<Trigger>(resources, 'Trigger', 'inventory-reserve-stock');
    const again = named<Trigger>(resources, 'Trigger', 'inventory-reserve-stock-redelivery');
    expect(again.metadata.annotations).toEqual(first.metadata.annotations);
    expect(again.spec).toEqual({
      ...first.spec,
      broker: 'redelivery',
      filters: [{ exact: { ebbtarget: 'inventory/reserve-stock' } }],
    });
  });

  it('send dead letters where they are told to', () => {
    const sink = { uri: 'http://dead' };
    for (const resource of derive([INVENTORY], { deadLetterSink: sink })) {
      if (resource.kind === 'Trigger' || resource.kind === 'Broker') {
        expect(resource.spec.delivery).toMatchObject({ deadLetterSink: sink });
      }
    }
  });

  it("carry a service's scale as annotations of its template", () => {
    const annotations = { 'autoscaling.knative.dev/scale-down-delay': '15s' };
    const scale = { min: 1, max: 4, target: 5, windowMs: 6_500, concurrency: 20, timeoutMs: 12_300, annotations };
    const { spec } = named<KnativeService>(derive([entry('shop', { scale })]), 'Service', 'shop');
    expect(spec.template.metadata?.annotations).toEqual({
      'autoscaling.knative.dev/min-scale': '1',
      'autoscaling.knative.dev/max-scale': '4',
      'autoscaling.knative.dev/target': '5',
      'autoscaling.knative.dev/window': '7s',
      'autoscaling.knative.dev/scale-down-delay': '15s',
    });
    expect(spec.template.spec).toMatchObject({ containerConcurrency: 20, timeoutSeconds: 13 });
  });

  it('set literal variables, sorted, but never PORT', () => {
    const env = () => ({ PORT: '1', LOG_LEVEL: 'debug', A: 'b' });
    const service = named<KnativeService>(derive([INVENTORY], { env }), 'Service', 'inventory');
    expect(service.spec.template.spec.containers[0]?.env).toEqual([
      { name: 'A', value: 'b' },
      { name: 'LOG_LEVEL', value: 'debug' },
    ]);
  });

  it('tell an app where the services are that it calls', () => {
    const address = {
      name: 'SHOP_URL',
      kind: 'service',
      description: '',
      secret: false,
      required: true,
      service: 'shop',
    };
    const calling = entry('till', { settings: [address] });
    const { spec } = named<KnativeService>(derive([calling], { namespace: 'mall' }), 'Service', 'till');
    expect(spec.template.spec.containers[0]?.env).toEqual([
      { name: 'SHOP_URL', value: 'http://shop.mall.svc.cluster.local' },
    ]);
  });

  it('ask Kubernetes for a port that it would not find itself', () => {
    const { spec } = named<Deployment>(derive(), 'Deployment', 'relay');
    expect(spec.replicas).toBe(1);
    expect(spec.template.spec.containers[0]?.readinessProbe).toEqual({
      httpGet: { path: '/healthz/ready', port: 8080 },
    });
  });

  it('have a port more for a worker that listens, beside the one of its probes', () => {
    const portsOf = (worker: CatalogueEntry) =>
      named<Deployment>(derive([worker]), 'Deployment', worker.name).spec.template.spec.containers[0]?.ports;
    expect(portsOf(RELAY)).toEqual([{ containerPort: 8080 }]);
    expect(portsOf(entry('door', { kind: 'worker', events: [], listens: { public: true } }))).toEqual([
      { containerPort: 8080 },
      { name: 'http', containerPort: 8081 },
    ]);
  });

  it('send a schedule to its own service', () => {
    expect(named<PingSource>(derive(), 'PingSource', 'inventory-nightly').spec).toEqual({
      schedule: '0 3 * * *',
      timezone: 'Europe/Berlin',
      contentType: 'application/json',
      data: '{"schedule":"nightly"}',
      sink: {
        ref: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'inventory' },
        uri: '/schedules/nightly',
      },
    });
  });

  it('are the same in whatever order the entries come', () => {
    const entries = ['d', 'a', 'c', 'b'].map((name) => entry(name, { functions: [fn('f', [PLACED])] }));
    const expected = toYaml(derive(entries));
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: 4 }), (shuffled) =>
        expect(toYaml(derive(shuffled))).toBe(expected),
      ),
    );
  });

  it('are manifests that a cluster accepts, and read back as they were written', () => {
    const resources = derive([INVENTORY, RELAY, entry('orders')], {
      namespace: 'shop',
      image: (name) => `x/${name}:1`,
    });
    expect(parseManifests(toYaml(resources))).toEqual({ resources, configMaps: [], ignored: [] });
  });

  it('have names that fit, told apart by a hash where they are long', () => {
    const long = 'a'.repeat(40);
    const functions = [fn(`${long}-1`, [PLACED]), fn(`${long}-2`, [PLACED])];
    const triggers = derive([entry(long, { functions })]).filter(({ kind }) => kind === 'Trigger');
    const names = triggers.map(({ metadata }) => metadata.name);
    expect(new Set(names).size).toBe(2);
    expect(names.every((name) => name.length <= 63)).toBe(true);
  });
});

describe('definitions that cannot become resources', () => {
  it.each<[string, readonly CatalogueEntry[], string]>([
    [
      'two triggers with one name',
      [entry('a-b', { functions: [fn('c', [PLACED])] }), entry('a', { functions: [fn('b-c', [PLACED])] })],
      'a and a-b both need a Trigger a-b-c',
    ],
    ['two services with one name', [entry('a'), entry('a')], 'two services are called a'],
    [
      'a worker and a service with one name',
      [entry('a'), entry('b'), entry('a', { kind: 'worker' })],
      'a worker and a service are called a',
    ],
    [
      'a type in two topics',
      [entry('a'), entry('b', { events: [{ ...PLACED, topic: 'other' }] })],
      `b has ${PLACED.type} in the topic other, another service in orders`,
    ],
    [
      "a type in the platform's topic",
      [entry('a', { events: [{ ...PLACED, topic: 'redelivery' }] })],
      "in the topic redelivery, which is the platform's own",
    ],
    [
      'a type in no topic',
      [entry('a', { events: [], functions: [fn('f', [PLACED])] })],
      'no entry says in which topic',
    ],
    [
      'a filter that is none',
      [entry('a', { functions: [fn('f', [PLACED], { filters: [{ exakt: {} }] })] })],
      'function f of a: filters[0] has the unknown dialect',
    ],
    [
      'a timeout over 600 s',
      [entry('a', { scale: { timeoutMs: 600_001 } })],
      'service a: a request may take 600 s at most',
    ],
    [
      'a scale that Knative refuses',
      [entry('a', { scale: { timeoutMs: 1, annotations: { 'autoscaling.knative.dev/window': '1s' } } })],
      'service a: annotation autoscaling.knative.dev/window must be a duration',
    ],
  ])('because of %s', (_why, entries, message) => {
    expect(() => derive(entries)).toThrow(expect.objectContaining({ code: 'EBB_DEFINITION' }));
    expect(() => derive(entries)).toThrow(message);
  });
});
