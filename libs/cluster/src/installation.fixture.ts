import { ApiServer } from './api-server.fixture.ts';
import { backend, type Backend } from './backends.fixture.ts';
import { openCluster, type Cluster } from './cluster.ts';
import {
  broker,
  deployment,
  knativeService,
  kubeService,
  NAMESPACE,
  pod,
  revision,
  revisionDeployment,
  secret,
  trigger,
} from './resources.fixture.ts';

export const OPERATOR_TOKEN = 'operators-only';
export const ORDER_PLACED = 'dev.ebb.orders.order.placed.v1';
export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

/** A catalogue entry, as far as publishing reads it. */
const ENTRY = {
  name: 'orders',
  events: [
    {
      type: ORDER_PLACED,
      topic: 'orders',
      key: '/orderId',
      example: { orderId: 'o-1' },
      schema: { type: 'object', required: ['orderId'], properties: { orderId: { type: 'string' } } },
    },
  ],
};

/** A span as Jaeger's first API has it. */
export interface SpanDocument {
  readonly spanID: string;
  readonly instance: string;
  readonly failed?: boolean;
}

/** Ebb as the chart installs it, with stand-ins for what answers in its pods. */
export interface Installation {
  readonly server: ApiServer;
  readonly cluster: Cluster;
  readonly relay: Backend;
  readonly ingress: Backend;
  readonly jaeger: Backend;
  /** What Jaeger has of `orders`. */
  spans: readonly SpanDocument[];
  /** Events that wait for a person. */
  parked: number;
  stop(): Promise<void>;
}

export async function installation(): Promise<Installation> {
  const server = await ApiServer.start();
  const state = { spans: [] as readonly SpanDocument[], parked: 0 };
  const relay = await backend(({ path, headers, body }, res) => {
    if (headers.authorization !== `Bearer ${OPERATOR_TOKEN}`)
      return { status: 401, body: { title: 'no', status: 401 } };
    if (path.startsWith('/ebb/v1/events')) {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(`: listening\n\ndata: ${JSON.stringify({ kind: 'received', id: 'e-1', path })}\n\n`);
      return 'answered';
    }
    if (path === '/ebb/v1/lag')
      return { body: { lags: (JSON.parse(body) as { consumers: unknown[] }).consumers.map(() => 3) } };
    if (path === '/ebb/v1/catalogue') return { body: { entries: [ENTRY] } };
    if (path.startsWith('/ebb/v1/dead/count'))
      return { body: { waiting: { terminal: state.parked, delayed: 7 }, onTheirWay: 0, redrivable: 0 } };
    if (path.startsWith('/ebb/v1/dead')) return { body: { items: [] } };
    if (path !== '/ebb/v1/status') return undefined;
    return {
      body: {
        topics: [],
        databases: [],
        circuits: [],
        outboxPending: 0,
        parked: { orders: { terminal: 2 } },
        deadLetters: 0,
      },
    };
  });
  const ingress = await backend(({ path }) => ({ status: path === '/ebb/orders' ? 202 : 404 }));
  const jaeger = await backend(({ path }) => {
    if (path === '/api/services') return { body: { data: ['orders'] } };
    if (path.startsWith('/api/traces')) return { body: { data: [traceOf(state.spans)] } };
    return undefined;
  });
  install(server, { relay, ingress, jaeger });
  return Object.assign(state, {
    server,
    cluster: openCluster({ context: 'kind-ebb', namespace: NAMESPACE, environment: server.environment() }),
    relay,
    ingress,
    jaeger,
    stop: async () => {
      await Promise.all([relay.stop(), ingress.stop(), jaeger.stop(), server.stop()]);
    },
  });
}

function install(server: ApiServer, backends: Readonly<Record<'relay' | 'ingress' | 'jaeger', Backend>>): void {
  server.add(
    knativeService('orders', 'orders-00002'),
    revision('orders', 1),
    revision('orders', 2),
    broker('orders'),
    trigger('inventory-reserve-stock', 'orders', ORDER_PLACED),
    deployment('relay'),
    revisionDeployment('orders-00001', 0),
    secret('ebb-operator', { token: OPERATOR_TOKEN }),
    pod('orders-00002-x', {
      labels: { 'serving.knative.dev/service': 'orders', 'serving.knative.dev/revision': 'orders-00002' },
    }),
    pod('relay-x', { labels: { 'app.kubernetes.io/name': 'relay' } }),
    kubeService('knative-eventing', 'kafka-broker-ingress', 80, 'container'),
    pod('receiver', {
      namespace: 'knative-eventing',
      labels: { app: 'kafka-broker-ingress' },
      ports: [{ name: 'container', containerPort: 8080 }],
    }),
    kubeService('observability', 'jaeger-query', 16686, 16686),
    pod('jaeger', { namespace: 'observability', labels: { app: 'jaeger-query' } }),
  );
  server.forwardTo(`${NAMESPACE}/relay-x`, 8090, backends.relay.port);
  server.forwardTo('knative-eventing/receiver', 8080, backends.ingress.port);
  server.forwardTo('observability/jaeger', 16686, backends.jaeger.port);
}

function traceOf(spans: readonly SpanDocument[]) {
  return {
    traceID: TRACE_ID,
    spans: spans.map(({ spanID, instance, failed = false }) => ({
      traceID: TRACE_ID,
      spanID,
      operationName: 'process reserve-stock',
      startTime: 1_700_000_000_000_000,
      duration: 1_000,
      processID: instance,
      tags: [
        { key: 'span.kind', type: 'string', value: 'consumer' },
        { key: 'cloudevents.event_id', type: 'string', value: 'e-1' },
        ...(failed ? [{ key: 'error', type: 'bool', value: true }] : []),
      ],
    })),
    processes: Object.fromEntries(
      spans.map(({ instance }) => [
        instance,
        { serviceName: 'orders', tags: [{ key: 'service.instance.id', type: 'string', value: instance }] },
      ]),
    ),
  };
}
