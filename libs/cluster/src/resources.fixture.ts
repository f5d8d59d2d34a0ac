/** Resources as a cluster has them, with what is read of them here. */

export const NAMESPACE = 'ebb';

type Document = Record<string, unknown>;

const READY = { type: 'Ready', status: 'True' };
const LABELS = { 'app.kubernetes.io/part-of': 'ebb' };

export interface Told {
  /** Why it is not ready. */
  readonly failing?: { readonly reason: string; readonly message: string };
  /** Its controller has not seen the last change. */
  readonly unseen?: boolean;
}

function status({ failing, unseen }: Told, more: Document = {}): Document {
  const condition = failing ? { type: 'Ready', status: 'False', ...failing } : READY;
  return { observedGeneration: unseen ? 0 : 1, conditions: [condition], ...more };
}

function metadata(name: string, labels: Record<string, string> = {}): Document {
  return { name, namespace: NAMESPACE, generation: 1, resourceVersion: '1', labels: { ...LABELS, ...labels } };
}

export function knativeService(name: string, revision: string, told: Told = {}): Document {
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: metadata(name, { 'app.kubernetes.io/name': name }),
    spec: {},
    status: status(told, {
      url: `http://${name}.${NAMESPACE}.example.com`,
      latestCreatedRevisionName: revision,
      latestReadyRevisionName: revision,
      traffic: [{ latestRevision: true, revisionName: revision, percent: 100 }],
    }),
  };
}

export function revision(service: string, generation: number, told: Told = {}): Document {
  const name = `${service}-${String(generation).padStart(5, '0')}`;
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Revision',
    metadata: metadata(name, {
      'serving.knative.dev/service': service,
      'serving.knative.dev/configurationGeneration': String(generation),
    }),
    status: status(told),
  };
}

export function broker(name: string, told: Told = {}): Document {
  const annotations = { 'kafka.eventing.knative.dev/external.topic': name };
  return {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Broker',
    metadata: { ...metadata(name), annotations },
    status: status(told),
  };
}

export function trigger(name: string, topic: string, type: string, told: Told = {}): Document {
  return {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Trigger',
    metadata: metadata(name),
    spec: { broker: topic, filters: [{ exact: { type } }], subscriber: { ref: { name: name.split('-')[0] } } },
    status: status(told),
  };
}

export function deployment(name: string, ready = 1, labels: Record<string, string> = {}): Document {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(name, { 'app.kubernetes.io/name': name, ...labels }),
    spec: { replicas: 1 },
    status: { observedGeneration: 1, readyReplicas: ready },
  };
}

/** What Knative makes of a revision: it carries the labels of the service. */
export function revisionDeployment(revision: string, ready: number): Document {
  return deployment(`${revision}-deployment`, ready, { 'serving.knative.dev/revision': revision });
}

export interface PodOptions {
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly waiting?: { readonly reason: string; readonly message?: string };
  readonly restarts?: number;
}

export function pod(
  name: string,
  { namespace = NAMESPACE, labels = {}, ports = [], waiting, restarts = 0 }: PodOptions,
): Document {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { ...LABELS, ...labels } },
    spec: { containers: [{ name: 'main', ports }] },
    status: {
      phase: waiting ? 'Pending' : 'Running',
      conditions: [{ type: 'Ready', status: waiting ? 'False' : 'True' }],
      containerStatuses: [{ name: 'main', restartCount: restarts, state: waiting ? { waiting } : { running: {} } }],
    },
  };
}

export function kubeService(namespace: string, name: string, port: number, targetPort: number | string): Document {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: {} },
    spec: { selector: { app: name }, ports: [{ name: 'http', port, targetPort }] },
  };
}

export function secret(name: string, data: Record<string, string>): Document {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  return { apiVersion: 'v1', kind: 'Secret', metadata: metadata(name), data: Object.fromEntries(encoded) as Document };
}
