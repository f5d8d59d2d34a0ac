import { EbbError } from '@ebb/core';
import { ClusterError } from '../errors.ts';
import type { KubeApi } from '../kube/kube-api.ts';
import { KINDS } from '../kube/resource-type.ts';
import {
  GENERATION_LABEL,
  SERVICE_LABEL,
  selectorOf,
  type KnativeService,
  type Revision,
} from '../resources/resources.ts';
import { whyNotReady } from '../resources/readiness.ts';

/** A service with its revisions, the newest first. */
export interface Revisions {
  readonly service: KnativeService;
  readonly revisions: readonly Revision[];
}

/** @throws EbbError EBB_USAGE when there is no such service */
export async function revisionsOf(api: KubeApi, namespace: string, name: string): Promise<Revisions> {
  const [service, revisions] = await Promise.all([
    api.get<KnativeService>(KINDS.knativeServices, namespace, name),
    api.list<Revision>(KINDS.revisions, namespace, selectorOf({ [SERVICE_LABEL]: name })),
  ]);
  if (!service) {
    const others = await api.list<KnativeService>(KINDS.knativeServices, namespace);
    const known = others.map(({ metadata }) => metadata.name).join(', ');
    throw new EbbError(
      'EBB_USAGE',
      `there is no Knative Service "${name}" in namespace "${namespace}" (there are: ${known || 'none'})`,
    );
  }
  return { service, revisions: [...revisions].sort((a, b) => generationOf(b) - generationOf(a)) };
}

/** Revisions are numbered by what their service asked for. */
export function generationOf({ metadata }: Revision): number {
  return Number(metadata.labels?.[GENERATION_LABEL] ?? 0);
}

/** @throws EbbError EBB_USAGE when there is no such revision, ClusterError when it is not ready for requests */
export function readyRevision({ service, revisions }: Revisions, name: string): Revision {
  const found = revisions.find(({ metadata }) => metadata.name === name);
  if (!found) {
    const known = revisions.map(({ metadata }) => metadata.name).join(', ');
    throw new EbbError(
      'EBB_USAGE',
      `${service.metadata.name} has no revision "${name}" (there are: ${known || 'none'})`,
    );
  }
  const why = whyNotReady(found);
  if (why !== undefined) throw new ClusterError(`revision ${name} is not ready for requests: ${why}`);
  return found;
}
