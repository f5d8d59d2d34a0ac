/** The part of Kubernetes' object metadata that Ebb reads and writes. */
export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Base<ApiVersion extends string, Kind extends string, Spec> {
  readonly apiVersion: ApiVersion;
  readonly kind: Kind;
  readonly metadata: Metadata;
  readonly spec: Spec;
}

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
}

export interface HttpGet {
  readonly path?: string;
  readonly port?: number | string;
  readonly httpHeaders?: readonly { readonly name: string; readonly value: string }[];
}

export interface Probe {
  readonly httpGet?: HttpGet;
  readonly tcpSocket?: { readonly port?: number | string };
  readonly periodSeconds?: number;
  readonly failureThreshold?: number;
}

export interface Container {
  readonly name?: string;
  readonly image?: string;
  readonly ports?: readonly { readonly name?: string; readonly containerPort?: number }[];
  readonly env?: readonly EnvVar[];
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly resources?: Readonly<Record<string, unknown>>;
}

export interface RevisionTemplate {
  readonly metadata?: Partial<Metadata>;
  readonly spec: {
    readonly containers: readonly Container[];
    readonly containerConcurrency?: number;
    readonly timeoutSeconds?: number;
    readonly responseStartTimeoutSeconds?: number;
    readonly idleTimeoutSeconds?: number;
    readonly serviceAccountName?: string;
    readonly terminationGracePeriodSeconds?: number;
  };
}

export interface TrafficTarget {
  readonly percent?: number;
  readonly latestRevision?: boolean;
  readonly revisionName?: string;
  readonly tag?: string;
}

/** Knative Serving: a service that scales from zero. */
export type KnativeService = Base<
  'serving.knative.dev/v1',
  'Service',
  { readonly template: RevisionTemplate; readonly traffic?: readonly TrafficTarget[] }
>;

/** A worker: a fixed number of processes that never sleep. */
export type Deployment = Base<
  'apps/v1',
  'Deployment',
  {
    readonly replicas?: number;
    readonly selector?: Readonly<Record<string, unknown>>;
    readonly template: RevisionTemplate;
  }
>;

/** Where events go: a resource by name, or a URL; with both, the URL is a path on the resource. */
export interface Destination {
  readonly ref?: {
    readonly apiVersion?: string;
    readonly kind: string;
    readonly name: string;
    readonly namespace?: string;
  };
  readonly uri?: string;
}

export interface DeliverySpec {
  readonly retry?: number;
  readonly backoffPolicy?: 'linear' | 'exponential';
  /** ISO 8601 */
  readonly backoffDelay?: string;
  /** ISO 8601 */
  readonly timeout?: string;
  readonly retryAfterMax?: string;
  readonly format?: string;
  readonly deadLetterSink?: Destination;
}

export type Broker = Base<
  'eventing.knative.dev/v1',
  'Broker',
  { readonly config?: Readonly<Record<string, unknown>>; readonly delivery?: DeliverySpec }
>;

/** One dialect per object; several keys within a dialect are an AND. */
export type SubscriptionFilter =
  | { readonly exact: Readonly<Record<string, string>> }
  | { readonly prefix: Readonly<Record<string, string>> }
  | { readonly suffix: Readonly<Record<string, string>> }
  | { readonly all: readonly SubscriptionFilter[] }
  | { readonly any: readonly SubscriptionFilter[] }
  | { readonly not: SubscriptionFilter }
  | { readonly cesql: string }
  | Readonly<Record<string, never>>;

export type Trigger = Base<
  'eventing.knative.dev/v1',
  'Trigger',
  {
    readonly broker: string;
    readonly filters?: readonly SubscriptionFilter[];
    readonly filter?: { readonly attributes?: Readonly<Record<string, string>> };
    readonly subscriber: Destination;
    readonly delivery?: DeliverySpec;
  }
>;

export type PingSource = Base<
  'sources.knative.dev/v1',
  'PingSource',
  {
    readonly schedule?: string;
    readonly timezone?: string;
    readonly contentType?: string;
    readonly data?: string;
    readonly dataBase64?: string;
    readonly sink: Destination;
    readonly ceOverrides?: { readonly extensions?: Readonly<Record<string, string>> };
  }
>;

/** What the local runtime knows, and what definitions give. */
export type Resource = KnativeService | Deployment | Broker | Trigger | PingSource;

/** A ConfigMap of the cluster that says how Knative behaves. */
export interface ConfigMap {
  readonly apiVersion: 'v1';
  readonly kind: 'ConfigMap';
  readonly metadata: Metadata;
  readonly data: Readonly<Record<string, string>>;
}
