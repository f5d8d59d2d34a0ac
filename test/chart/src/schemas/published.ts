import { Broker, Trigger } from '@kubernetes-models/knative/eventing.knative.dev/v1';
import { Service as KnativeService } from '@kubernetes-models/knative/serving.knative.dev/v1';
import { PingSource } from '@kubernetes-models/knative/sources.knative.dev/v1';
import { Deployment } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { Job } from 'kubernetes-models/batch/v1';
import { Ingress, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, Pod, Service, ServiceAccount } from 'kubernetes-models/v1';

interface Model {
  readonly prototype: { validate(): void };
}

/** Kinds whose schemas Kubernetes and Knative publish. */
export const PUBLISHED: Readonly<Record<string, Model>> = {
  'apps/v1 Deployment': Deployment,
  'autoscaling/v2 HorizontalPodAutoscaler': HorizontalPodAutoscaler,
  'batch/v1 Job': Job,
  'eventing.knative.dev/v1 Broker': Broker,
  'eventing.knative.dev/v1 Trigger': Trigger,
  'networking.k8s.io/v1 Ingress': Ingress,
  'networking.k8s.io/v1 NetworkPolicy': NetworkPolicy,
  'policy/v1 PodDisruptionBudget': PodDisruptionBudget,
  'serving.knative.dev/v1 Service': KnativeService,
  'sources.knative.dev/v1 PingSource': PingSource,
  'v1 ConfigMap': ConfigMap,
  'v1 Pod': Pod,
  'v1 Service': Service,
  'v1 ServiceAccount': ServiceAccount,
};

/** Fields that the clusters know and these packages do not: later ones, and parts that a schema leaves open. Checked by `own.ts` where it matters. */
export const KNOWN_BETTER: readonly { readonly kind: string; readonly field: RegExp }[] = [
  { kind: 'eventing.knative.dev/v1 Broker', field: /^\/spec\/delivery\/timeout$/ },
  { kind: 'eventing.knative.dev/v1 Trigger', field: /^\/spec\/(delivery\/timeout|filters)$/ },
  { kind: 'serving.knative.dev/v1 Service', field: /^\/spec\/template\/spec\/volumes\/\d+\/emptyDir\/sizeLimit$/ },
];
