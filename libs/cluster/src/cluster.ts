import { text as textOf } from 'node:stream/consumers';
import type {
  CatalogueReport,
  ControlClient,
  PublishRequest,
  RenderTrace,
  TailEvent,
  TailFilter,
  Target,
} from '@ebb/local/client';
import { tailQuery } from '@ebb/local/client';
import type { JaegerGet } from '@ebb/traces';
import { Connection } from './kube/connection.ts';
import { Forward } from './kube/forward.ts';
import { KubeApi } from './kube/kube-api.ts';
import type { KubeConfigOptions } from './kube/kube-config.ts';
import { KINDS } from './kube/resource-type.ts';
import { publish } from './publish.ts';
import { relayClient } from './relay.ts';
import { PART_OF, selectorOf, type Broker } from './resources/resources.ts';
import { clusterStatus } from './status/status.ts';
import { traceReport } from './traces/trace-report.ts';

export interface ClusterOptions extends KubeConfigOptions {
  /** Where Ebb is installed. */
  readonly namespace: string;
  /** Where Jaeger's query service is. Default: jaeger-query in observability, port 16686. */
  readonly jaeger?: ServiceAddress;
  /** How long the API server may take to answer. */
  readonly timeoutMs?: number;
}

/** A port of a Kubernetes Service. */
export interface ServiceAddress {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
}

/** Where the Kafka broker's ingress is, and Jaeger's query service. */
const INGRESS: ServiceAddress = { namespace: 'knative-eventing', service: 'kafka-broker-ingress', port: 80 };
const JAEGER: ServiceAddress = { namespace: 'observability', service: 'jaeger-query', port: 16686 };

/** An installation of Ebb in a cluster. */
export interface Cluster {
  readonly api: KubeApi;
  readonly namespace: string;
  readonly target: Target;
  /** What the relay serves, connected when it is first asked for. */
  readonly relay: () => Promise<ControlClient>;
  readonly jaeger: JaegerGet;
}

/** @throws KubeConfigError; nothing is sent yet */
export function openCluster({ namespace, timeoutMs, jaeger: address = JAEGER, ...options }: ClusterOptions): Cluster {
  const api = new KubeApi(new Connection(options), timeoutMs);
  let connected: Promise<ControlClient> | undefined;
  const relay = (): Promise<ControlClient> => (connected ??= relayClient(api, namespace));
  const jaeger = jaegerOf(api, address);
  const catalogue = async () => (await relay()).get<CatalogueReport>('/catalogue');
  const target: Target = {
    status: () => clusterStatus({ api, namespace, relay }),
    catalogue,
    publish: async (request: PublishRequest) => {
      const [{ entries }, brokers] = await Promise.all([
        catalogue(),
        api.list<Broker>(KINDS.brokers, namespace, selectorOf(PART_OF)),
      ]);
      return publish(request, { ingress: new Forward(api, INGRESS), namespace, brokers, entries });
    },
    trace: (id: string, render: RenderTrace) => traceReport(jaeger, id, render),
    async *tail(filter: TailFilter, signal: AbortSignal) {
      yield* (await relay()).stream<TailEvent>(`/events?${tailQuery(filter)}`, signal);
    },
    dead: relay,
  };
  return { api, namespace, target, relay, jaeger };
}

function jaegerOf(api: KubeApi, address: ServiceAddress): JaegerGet {
  const query = new Forward(api, address);
  return async (path) => {
    const response = await query.request({ path, headers: { accept: 'application/json' } });
    return { status: response.statusCode ?? 0, body: await textOf(response) };
  };
}
