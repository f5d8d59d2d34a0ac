/** What Knative's controller does when a Service's traffic was changed: it says so in the status. */
export function reconcile(resource: { readonly metadata: { generation?: number }; [field: string]: unknown }): void {
  const { spec, status } = resource as unknown as {
    spec: { traffic?: { revisionName?: string; latestRevision?: boolean; percent?: number }[] };
    status: { observedGeneration: number; latestReadyRevisionName: string; traffic: unknown };
  };
  status.observedGeneration = resource.metadata.generation ?? 0;
  status.traffic = (spec.traffic ?? []).map((target) =>
    target.latestRevision ? { ...target, revisionName: status.latestReadyRevisionName } : target,
  );
}
