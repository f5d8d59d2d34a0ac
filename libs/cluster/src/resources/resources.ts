/** The parts of resources that are read here; all else of them is left alone. */
export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly generation?: number;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
}

/** What every resource of Knative says of itself. */
export interface WithConditions {
  readonly metadata: Metadata;
  readonly status?: { readonly observedGeneration?: number; readonly conditions?: readonly Condition[] };
}

/** A share of a service's requests. */
export interface TrafficTarget {
  readonly revisionName?: string;
  readonly latestRevision?: boolean;
  readonly percent?: number;
  readonly tag?: string;
}

export interface KnativeService extends WithConditions {
  readonly spec: { readonly traffic?: readonly TrafficTarget[] };
  readonly status?: WithConditions['status'] & {
    readonly url?: string;
    readonly latestCreatedRevisionName?: string;
    readonly latestReadyRevisionName?: string;
    readonly traffic?: readonly TrafficTarget[];
  };
}

export type Revision = WithConditions;

export interface Trigger extends WithConditions {
  readonly spec: {
    readonly broker: string;
    readonly filter?: unknown;
    readonly filters?: readonly unknown[];
    readonly subscriber?: { readonly ref?: { readonly name?: string }; readonly uri?: string };
  };
}

export type Broker = WithConditions;

export interface Deployment extends WithConditions {
  readonly spec: { readonly replicas?: number };
  readonly status?: WithConditions['status'] & { readonly readyReplicas?: number };
}

export interface Pod {
  readonly metadata: Metadata;
  readonly spec: {
    readonly containers: readonly {
      readonly name: string;
      readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
    }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly restartCount: number;
      readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
    }[];
  };
}

export interface KubeService {
  readonly metadata: Metadata;
  readonly spec: {
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly {
      readonly name?: string;
      readonly port: number;
      readonly targetPort?: number | string;
    }[];
  };
}

export interface KubeSecret {
  readonly metadata: Metadata;
  /** Base64. */
  readonly data?: Readonly<Record<string, string>>;
}

/** The labels that all of Ebb's resources have. */
export const PART_OF = { 'app.kubernetes.io/part-of': 'ebb' } as const;
export const NAME_LABEL = 'app.kubernetes.io/name';
/** Knative's, on what belongs to a service or a revision. */
export const SERVICE_LABEL = 'serving.knative.dev/service';
export const REVISION_LABEL = 'serving.knative.dev/revision';
export const GENERATION_LABEL = 'serving.knative.dev/configurationGeneration';

export function selectorOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}
