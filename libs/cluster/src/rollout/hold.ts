import { KINDS } from '../kube/resource-type.ts';
import type { KnativeService } from '../resources/resources.ts';
import { PART_OF, selectorOf } from '../resources/resources.ts';
import { followsLatest, setTraffic, splitOf, type SplitOptions } from './traffic.ts';

/** Services of which new revisions get no requests by themselves. */
export async function heldServices({ api, namespace }: SplitOptions): Promise<readonly string[]> {
  const services = await api.list<KnativeService>(KINDS.knativeServices, namespace, selectorOf(PART_OF));
  return services.filter((service) => !followsLatest(service)).map(({ metadata }) => metadata.name);
}

/** Keeps requests with the revisions that have them now, whatever is deployed next; returns the services that were held. */
export async function holdTraffic(options: SplitOptions): Promise<readonly string[]> {
  const { api, namespace } = options;
  const services = await api.list<KnativeService>(KINDS.knativeServices, namespace, selectorOf(PART_OF));
  const held: string[] = [];
  for (const service of services) {
    const { latestReadyRevisionName: revision } = service.status ?? {};
    if (revision === undefined || !followsLatest(service)) continue;
    await setTraffic(service, splitOf(revision, 100, revision), options);
    held.push(service.metadata.name);
  }
  return held;
}
