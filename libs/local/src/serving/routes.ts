import { EbbError } from '@ebb/core';
import type { KnativeService, Deployment } from '@ebb/knative';
import type { Revision } from './revision.ts';

interface Share {
  readonly revision: Revision;
  readonly percent: number;
}

/** Which revision takes a request: by percentages, or by a tag. */
export class Routes {
  readonly #shares: readonly Share[];
  readonly #tags: ReadonlyMap<string, Revision>;

  constructor(shares: readonly Share[], tags: ReadonlyMap<string, Revision> = new Map()) {
    this.#shares = shares.filter(({ percent }) => percent > 0);
    this.#tags = tags;
  }

  static toOnly(revision: Revision): Routes {
    return new Routes([{ revision, percent: 100 }]);
  }

  pick(): Revision | undefined {
    if (this.#shares.length === 1) return this.#shares[0]?.revision;
    let left = Math.random() * 100;
    return this.#shares.find(({ percent }) => (left -= percent) < 0)?.revision ?? this.#shares.at(-1)?.revision;
  }

  tagged(tag: string): Revision | undefined {
    return this.#tags.get(tag);
  }

  get revisions(): ReadonlySet<Revision> {
    return new Set([...this.#shares.map(({ revision }) => revision), ...this.#tags.values()]);
  }

  /** The revision with the greatest share. */
  get main(): Revision | undefined {
    return [...this.#shares].sort((one, other) => other.percent - one.percent)[0]?.revision;
  }
}

/**
 * The routes that a resource asks for; without `traffic`, all of it goes to the latest revision.
 * @throws EbbError EBB_MANIFEST when it names a revision that does not run here, or the percentages do not make 100
 */
export function routesOf(
  resource: KnativeService | Deployment,
  latest: Revision,
  revisions: ReadonlyMap<string, Revision>,
): Routes {
  const traffic = resource.kind === 'Service' ? (resource.spec.traffic ?? []) : [];
  if (traffic.length === 0) return Routes.toOnly(latest);
  const refuse = (what: string): never => {
    throw new EbbError('EBB_MANIFEST', `Service ${resource.metadata.name}: ${what}`);
  };
  const tags = new Map<string, Revision>();
  const shares = traffic.map(({ revisionName, percent = 0, tag }) => {
    const revision = revisionName === undefined ? latest : revisions.get(revisionName);
    if (!revision) {
      return refuse(`traffic names revision ${revisionName ?? ''}; here run ${[...revisions.keys()].join(', ')}`);
    }
    if (tag !== undefined) {
      if (tags.has(tag)) refuse(`traffic has the tag ${tag} twice`);
      tags.set(tag, revision);
    }
    return { revision, percent };
  });
  const sum = shares.reduce((total, { percent }) => total + percent, 0);
  if (sum !== 100) refuse(`traffic percentages make ${sum}, not 100`);
  return new Routes(shares, tags);
}
