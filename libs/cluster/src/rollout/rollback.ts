import { ClusterError } from '../errors.ts';
import { whyNotReady } from '../resources/readiness.ts';
import { generationOf, readyRevision, revisionsOf, type Revisions } from './revisions.ts';
import { FOLLOW_LATEST, setTraffic, splitOf, trafficOf, type Shares, type SplitOptions } from './traffic.ts';

export interface RollbackOptions extends SplitOptions {
  readonly service: string;
  /** A revision, or `latest`: follow the newest again. Default: the newest that is older than the one with most requests. */
  readonly to?: string;
  /** Its share; the rest stays with the revision that has most requests now. Default: all. */
  readonly percent?: number;
}

export interface RolledBack {
  readonly service: string;
  readonly before: Shares;
  readonly traffic: Shares;
  /** New revisions get requests by themselves again. */
  readonly followsLatest: boolean;
}

const LATEST = 'latest';
const ALL = 100;

/**
 * Sends requests to another revision, without a deployment: it is still there.
 * @throws EbbError EBB_USAGE for what does not exist, ClusterError when that revision is not ready
 */
export async function rollback({ service: name, to, percent = ALL, ...split }: RollbackOptions): Promise<RolledBack> {
  const all = await revisionsOf(split.api, split.namespace, name);
  const before = trafficOf(all.service);
  const main = before[0]?.revision ?? all.service.status?.latestReadyRevisionName;
  if (main === undefined) throw new ClusterError(`${name} has no revision that gets requests`);
  const latest = to === LATEST ? latestOf(all) : undefined;
  const isFollowing = latest !== undefined && percent === ALL;
  const target = latest ?? (to === undefined ? previousOf(all, main) : readyRevision(all, to).metadata.name);
  const targets = isFollowing ? FOLLOW_LATEST : splitOf(target, percent, main);
  const traffic = await setTraffic(all.service, targets, split);
  return { service: name, before, traffic, followsLatest: isFollowing };
}

/** The newest revision, which has to be ready. */
export function latestOf(all: Revisions): string {
  const { latestCreatedRevisionName: created } = all.service.status ?? {};
  if (created === undefined) throw new ClusterError(`${all.service.metadata.name} has no revision yet`);
  return readyRevision(all, created).metadata.name;
}

/** The newest ready one before a revision. */
export function previousOf({ service, revisions }: Revisions, name: string): string {
  const current = revisions.find(({ metadata }) => metadata.name === name);
  const generation = current ? generationOf(current) : Infinity;
  const previous = revisions.find(
    (revision) => generationOf(revision) < generation && whyNotReady(revision) === undefined,
  );
  if (previous) return previous.metadata.name;
  throw new ClusterError(`${service.metadata.name} has no ready revision before ${name}`);
}
