import type { ServiceReport } from '@ebb/local/client';
import { isReadyPod, troubleOf, whyNotReady } from '../resources/readiness.ts';
import {
  NAME_LABEL,
  SERVICE_LABEL,
  type Deployment,
  type KnativeService,
  type Pod,
  type TrafficTarget,
} from '../resources/resources.ts';

/** Knative Services as `ebb status` shows services. */
export function serviceReport(service: KnativeService, pods: readonly Pod[]): ServiceReport {
  const { name } = service.metadata;
  const own = pods.filter(({ metadata }) => metadata.labels?.[SERVICE_LABEL] === name);
  const ready = own.filter(isReadyPod).length;
  const why = whyNotReady(service);
  const { url, latestReadyRevisionName: latest = '-', traffic = [] } = service.status ?? {};
  const shares = sharesOf(traffic);
  const isSplit = shares.length > 1 || (shares[0] !== undefined && shares[0].revision !== latest);
  return {
    name,
    kind: 'service',
    state: stateOf(why, ready, own.length),
    ready,
    revision: latest,
    ...(url !== undefined && { url }),
    ...(why !== undefined && { lastError: [why, ...own.flatMap((pod) => troubleOf(pod) ?? [])].join('; ') }),
    ...(isSplit && { traffic: shares }),
  };
}

/** Deployments as `ebb status` shows workers. */
export function workerReport(deployment: Deployment, pods: readonly Pod[]): ServiceReport {
  const { metadata, spec, status } = deployment;
  const { replicas: wanted = 1 } = spec;
  const ready = status?.readyReplicas ?? 0;
  const label = metadata.labels?.[NAME_LABEL] ?? metadata.name;
  const own = pods.filter((pod) => pod.metadata.labels?.[NAME_LABEL] === label);
  const why = ready >= wanted ? undefined : `${ready} of ${wanted} pods are ready`;
  return {
    name: metadata.name,
    kind: 'worker',
    state: stateOf(why, ready, own.length),
    ready,
    revision: metadata.annotations?.['deployment.kubernetes.io/revision'] ?? '-',
    ...(why !== undefined && { lastError: [why, ...own.flatMap((pod) => troubleOf(pod) ?? [])].join('; ') }),
  };
}

/** Revisions and what they get, the largest share first; one that several entries name is there once. */
export function sharesOf(traffic: readonly TrafficTarget[]): readonly { revision: string; percent: number }[] {
  const shares = new Map<string, number>();
  for (const { revisionName, percent = 0 } of traffic) {
    if (revisionName !== undefined && percent > 0) shares.set(revisionName, (shares.get(revisionName) ?? 0) + percent);
  }
  return [...shares]
    .map(([revision, percent]) => ({ revision, percent }))
    .sort((a, b) => b.percent - a.percent || (a.revision < b.revision ? -1 : 1));
}

function stateOf(why: string | undefined, ready: number, pods: number): ServiceReport['state'] {
  if (why !== undefined) return 'failing';
  if (ready > 0) return 'ready';
  return pods > 0 ? 'activating' : 'zero';
}
