import type { Resource } from '@ebb/knative';

/** The resources that are in force, so that a new set can be told apart from it. */
export class AppliedResources {
  readonly #byKey = new Map<string, { readonly resource: Resource; readonly text: string }>();

  /** What a new set changes. */
  difference(wanted: readonly Resource[]): {
    readonly changed: readonly Resource[];
    readonly gone: readonly Resource[];
  } {
    const keys = new Set(wanted.map(keyOf));
    return {
      changed: wanted.filter((resource) => this.#byKey.get(keyOf(resource))?.text !== JSON.stringify(resource)),
      gone: [...this.#byKey.values()].map(({ resource }) => resource).filter((resource) => !keys.has(keyOf(resource))),
    };
  }

  set(resource: Resource): void {
    this.#byKey.set(keyOf(resource), { resource, text: JSON.stringify(resource) });
  }

  delete(resource: Resource): void {
    this.#byKey.delete(keyOf(resource));
  }

  list(): readonly Resource[] {
    return [...this.#byKey.values()].map(({ resource }) => resource);
  }
}

function keyOf({ kind, metadata }: Resource): string {
  return `${kind}/${metadata.namespace ?? 'default'}/${metadata.name}`;
}
