import type { Resource } from '@ebb/knative';

/**
 * What definitions give, with the resources of manifests in the place of their namesakes, whatever their namespace: what Helm renders is of the same
 * services, as an installation wants them.
 */
export function overlay(defined: readonly Resource[], manifests: readonly Resource[]): readonly Resource[] {
  const named = new Set(manifests.map(nameOf));
  return [...defined.filter((resource) => !named.has(nameOf(resource))), ...manifests];
}

const nameOf = ({ kind, metadata }: Resource): string => `${kind} ${metadata.name}`;

/** What Ebb's own chart says of dead letters is for a cluster: here the runtime itself keeps what nobody took. */
export function withoutClusterSink(resource: Resource): Resource {
  if (!hasClusterSink(resource)) return resource;
  const delivery = Object.fromEntries(
    Object.entries(resource.spec.delivery ?? {}).filter(([field]) => field !== 'deadLetterSink'),
  );
  return { ...resource, spec: { ...resource.spec, delivery } } as Resource;
}

export function hasClusterSink(resource: Resource): resource is Extract<Resource, { kind: 'Broker' | 'Trigger' }> {
  if (resource.kind !== 'Broker' && resource.kind !== 'Trigger') return false;
  const isOfEbb = resource.metadata.labels?.['app.kubernetes.io/part-of'] === 'ebb';
  return isOfEbb && resource.spec.delivery?.deadLetterSink !== undefined;
}
