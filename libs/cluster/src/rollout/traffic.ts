import { systemClock, type Clock } from '@ebb/core';
import { ClusterError } from '../errors.ts';
import type { KubeApi } from '../kube/kube-api.ts';
import { KINDS } from '../kube/resource-type.ts';
import { whyNotReady } from '../resources/readiness.ts';
import type { KnativeService, TrafficTarget } from '../resources/resources.ts';
import { sharesOf } from '../status/services.ts';

/** How requests are split, the largest share first. */
export type Shares = readonly { readonly revision: string; readonly percent: number }[];

export interface SplitOptions {
  readonly api: KubeApi;
  readonly namespace: string;
  readonly clock?: Clock;
}

/** A route is set within seconds; one that is not has another reason. */
const ROUTE_TIMEOUT_MS = 120_000;
const POLL_MS = 1_000;
const ALL = 100;

/** All to one revision but for a share of another. */
export function splitOf(revision: string, percent: number, rest: string): readonly TrafficTarget[] {
  const share = { revisionName: revision, latestRevision: false, percent };
  if (percent >= ALL || revision === rest) return [{ ...share, percent: ALL }];
  return [share, { revisionName: rest, latestRevision: false, percent: ALL - percent }];
}

/** What every new revision gets by itself. */
export const FOLLOW_LATEST: readonly TrafficTarget[] = [{ latestRevision: true, percent: ALL }];

/**
 * Splits the requests to a service, and waits until they are. Tags that others set stay, without a share.
 * @throws ClusterError when somebody else changed the service meanwhile, or the route does not become ready
 */
export async function setTraffic(
  service: KnativeService,
  targets: readonly TrafficTarget[],
  { api, namespace, clock = systemClock }: SplitOptions,
): Promise<Shares> {
  const { name } = service.metadata;
  const tags = (service.spec.traffic ?? []).flatMap((target) =>
    target.tag === undefined ? [] : [{ ...target, percent: 0 }],
  );
  const patched = await api.patch<KnativeService>(KINDS.knativeServices, namespace, name, {
    // What was decided was decided about this version of it.
    metadata: { resourceVersion: service.metadata.resourceVersion },
    spec: { traffic: [...targets, ...tags] },
  });
  const deadline = clock.now() + ROUTE_TIMEOUT_MS;
  const wanted = patched.metadata.generation ?? 0;
  for (;;) {
    const now = await api.get<KnativeService>(KINDS.knativeServices, namespace, name);
    const why = now ? whyNotReady(now) : 'it is gone';
    if (now && why === undefined && (now.status?.observedGeneration ?? 0) >= wanted) return trafficOf(now);
    if (clock.now() >= deadline)
      throw new ClusterError(
        `requests to ${name} are not split as asked for: ${why ?? 'its controller has not seen it'}`,
      );
    await clock.sleep(POLL_MS);
  }
}

export function trafficOf({ status }: KnativeService): Shares {
  return sharesOf(status?.traffic ?? []);
}

/** Whether new revisions get requests by themselves. */
export function followsLatest({ spec }: KnativeService): boolean {
  const { traffic = [] } = spec;
  return traffic.length === 0 || traffic.some(({ latestRevision, percent = 0 }) => latestRevision && percent > 0);
}
