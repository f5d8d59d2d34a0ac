import { messageOf } from '@ebb/core';
import { groupName, topicName } from '@ebb/knative';
import type { ControlClient, LagReport, OperatorReport, StatusReport } from '@ebb/local/client';
import type { KubeApi } from '../kube/kube-api.ts';
import { KINDS } from '../kube/resource-type.ts';
import { whyNotReady } from '../resources/readiness.ts';
import {
  PART_OF,
  REVISION_LABEL,
  selectorOf,
  type Broker,
  type Deployment,
  type KnativeService,
  type Pod,
  type Trigger,
} from '../resources/resources.ts';
import { serviceReport, workerReport } from './services.ts';
import { triggerReports } from './triggers.ts';

export interface StatusOptions {
  readonly api: KubeApi;
  readonly namespace: string;
  readonly relay: () => Promise<ControlClient>;
}

/** What there is of Ebb in a namespace. */
export interface Installed {
  readonly services: readonly KnativeService[];
  readonly deployments: readonly Deployment[];
  readonly brokers: readonly Broker[];
  readonly triggers: readonly Trigger[];
}

const SELECTOR = selectorOf(PART_OF);
/** Knative gives a revision's Deployment the labels of its service: how that does, the service says itself. */
const WORKER_SELECTOR = `${SELECTOR},!${REVISION_LABEL}`;

/** @throws ClusterError when one of the kinds cannot be listed */
export async function installedIn(api: KubeApi, namespace: string): Promise<Installed> {
  const [services, deployments, brokers, triggers] = await Promise.all([
    api.list<KnativeService>(KINDS.knativeServices, namespace, SELECTOR),
    api.list<Deployment>(KINDS.deployments, namespace, WORKER_SELECTOR),
    api.list<Broker>(KINDS.brokers, namespace, SELECTOR),
    api.list<Trigger>(KINDS.triggers, namespace, SELECTOR),
  ]);
  return { services, deployments, brokers, triggers };
}

/** Everything that `ebb status` shows, from the API server and from the relay. That the relay does not answer hides nothing else. */
export async function clusterStatus({ api, namespace, relay }: StatusOptions): Promise<StatusReport> {
  const { context, server } = api.connection;
  const [installed, pods] = await Promise.all([installedIn(api, namespace), api.list<Pod>(KINDS.pods, namespace)]);
  const { services, deployments, brokers, triggers } = installed;
  const asked = await askRelay(relay, namespace, brokers, triggers);
  const lags = new Map(triggers.map((trigger, index) => [trigger, asked.lags[index] ?? undefined]));
  return {
    url: `${server} (context ${context}, namespace ${namespace})`,
    services: [
      ...services.map((service) => serviceReport(service, pods)),
      ...deployments.map((deployment) => workerReport(deployment, pods)),
    ],
    triggers: triggerReports(triggers, (trigger) => lags.get(trigger)),
    ...asked.report,
    problems: [
      ...nothingIn(installed, namespace),
      ...problemsOf('Broker', brokers),
      ...problemsOf('Trigger', triggers),
      ...asked.problems,
    ],
    traps: [],
    buildErrors: [],
  };
}

function nothingIn({ services, deployments, brokers, triggers }: Installed, namespace: string): string[] {
  const isEmpty = [services, deployments, brokers, triggers].every((all) => all.length === 0);
  return isEmpty ? [`nothing of Ebb is in namespace "${namespace}"`] : [];
}

function problemsOf(kind: string, resources: readonly (Broker | Trigger)[]): string[] {
  return resources.flatMap((resource) => {
    const why = whyNotReady(resource);
    return why === undefined ? [] : [`${kind} ${resource.metadata.name} is not ready: ${why}`];
  });
}

interface Asked {
  readonly report: OperatorReport;
  readonly lags: readonly (number | null)[];
  readonly problems: readonly string[];
}

const NOTHING: OperatorReport = {
  topics: [],
  databases: [],
  circuits: [],
  outboxPending: 0,
  parked: {},
  deadLetters: 0,
};

async function askRelay(
  relay: StatusOptions['relay'],
  namespace: string,
  brokers: readonly Broker[],
  triggers: readonly Trigger[],
): Promise<Asked> {
  try {
    const client = await relay();
    const topics = new Map(brokers.map((broker) => [broker.metadata.name, topicName(broker)]));
    const consumers = triggers.map(({ metadata, spec }) => ({
      group: groupName(namespace, metadata.name),
      topic: topics.get(spec.broker) ?? spec.broker,
    }));
    const [report, { lags }] = await Promise.all([
      client.get<OperatorReport>('/status'),
      client.post<LagReport>('/lag', { consumers }),
    ]);
    return { report, lags, problems: [] };
  } catch (error) {
    return {
      report: NOTHING,
      lags: [],
      problems: [`databases, lags and parked events are not known: ${messageOf(error)}`],
    };
  }
}
