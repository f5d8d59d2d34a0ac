import { EbbError, messageOf, systemClock } from '@ebb/core';
import type { ControlClient } from '@ebb/local/client';
import type { JaegerGet } from '@ebb/traces';
import { ClusterError } from '../errors.ts';
import { KINDS } from '../kube/resource-type.ts';
import type { KnativeService } from '../resources/resources.ts';
import { Health, type Figures } from './health.ts';
import { readyRevision, revisionsOf, type Revisions } from './revisions.ts';
import { latestOf, previousOf } from './rollback.ts';
import { FOLLOW_LATEST, setTraffic, splitOf, trafficOf, type SplitOptions } from './traffic.ts';

export interface CanaryOptions extends SplitOptions {
  readonly service: string;
  /** A revision, or `latest`. */
  readonly to: string;
  /** Shares in percent, ascending. */
  readonly steps: readonly number[];
  /** How long each step is watched. */
  readonly stepMs: number;
  /** Failed requests and events of all, from 0 to 1, from which on it is given up. */
  readonly maxErrors: number;
  readonly jaeger: JaegerGet;
  readonly relay: () => Promise<ControlClient>;
  readonly onProgress?: (progress: CanaryProgress) => void;
  /** Gives it up, too. */
  readonly signal?: AbortSignal;
}

export interface CanaryProgress {
  readonly revision: string;
  readonly percent: number;
  readonly figures: Figures;
}

export type CanaryResult =
  | { readonly outcome: 'done'; readonly revision: string; readonly figures: Figures }
  | { readonly outcome: 'aborted'; readonly revision: string; readonly back: string; readonly reason: string };

const POLL_MS = 5_000;
const ATTEMPTS_TO_GIVE_BACK = 5;
const RETRY_MS = 2_000;
const ALL = 100;
const NOTHING: Figures = { requests: 0, failed: 0 };

/**
 * Gives a revision more and more of the requests while it does well, and none again when it does not: it fails too often, it is not ready, its
 * containers end, nobody can be asked, or the signal is aborted.
 * @throws EbbError EBB_USAGE for what does not exist or has everything already, ClusterError when that revision is not ready, or requests cannot be given
 * back
 */
export async function canary(options: CanaryOptions): Promise<CanaryResult> {
  const { api, namespace, service: name, to, clock = systemClock } = options;
  const all = await revisionsOf(api, namespace, name);
  const revision = to === 'latest' ? latestOf(all) : readyRevision(all, to).metadata.name;
  const traffic = trafficOf(all.service);
  if (traffic[0]?.revision === revision && traffic[0].percent === ALL)
    throw new EbbError('EBB_USAGE', `${revision} has all requests already; to take them away: ebb rollback ${name}`);
  const back = stableOf(all, revision);
  const health = new Health({ ...options, revision, since: new Date(clock.now()) });
  try {
    // Before anything changes: what cannot be watched is not begun.
    await health.look(new Date(clock.now()));
  } catch (error) {
    throw new ClusterError(`requests stay with ${back}: ${messageOf(error)}`, { cause: error });
  }
  try {
    const figures = await climb(options, { revision, back, health });
    if (to === 'latest') await setTraffic(await current(options), FOLLOW_LATEST, options);
    return { outcome: 'done', revision, figures };
  } catch (error) {
    await giveBack(options, back, messageOf(error));
    return { outcome: 'aborted', revision, back, reason: messageOf(error) };
  }
}

/** What kept it from going on may keep this from working for a moment, too. */
async function giveBack(options: CanaryOptions, back: string, reason: string): Promise<void> {
  const { service, clock = systemClock } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await setTraffic(await current(options), splitOf(back, ALL, back), options);
      return;
    } catch (error) {
      if (attempt === ATTEMPTS_TO_GIVE_BACK) {
        throw new ClusterError(
          `given up (${reason}), but requests to ${service} could not be given back to ${back}: ${messageOf(error)}. Do it with: ebb rollback ${service} --to ${back}`,
          { cause: error },
        );
      }
      await clock.sleep(RETRY_MS);
    }
  }
}

interface Climb {
  readonly revision: string;
  readonly back: string;
  readonly health: Health;
}

async function climb(options: CanaryOptions, { revision, back, health }: Climb): Promise<Figures> {
  const { clock = systemClock, signal, onProgress, maxErrors, stepMs } = options;
  let figures = NOTHING;
  for (const percent of options.steps) {
    signal?.throwIfAborted();
    await setTraffic(await current(options), splitOf(revision, percent, back), options);
    onProgress?.({ revision, percent, figures });
    const until = clock.now() + stepMs;
    while (clock.now() < until) {
      await clock.sleep(Math.min(POLL_MS, Math.max(1, until - clock.now())), signal);
      figures = await health.look(new Date(clock.now()));
      onProgress?.({ revision, percent, figures });
      assertHealthy(figures, maxErrors);
    }
  }
  return figures;
}

function assertHealthy({ requests, failed }: Figures, maxErrors: number): void {
  const share = requests === 0 ? 0 : failed / requests;
  if (share <= maxErrors) return;
  const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
  throw new ClusterError(
    `${failed} of ${requests} requests and events failed (${percent(share)}, at most ${percent(maxErrors)})`,
  );
}

/** Where requests go when it does not work: the revision with most of them, or the one before. */
function stableOf(all: Revisions, revision: string): string {
  const other = trafficOf(all.service).find((share) => share.revision !== revision);
  return other?.revision ?? previousOf(all, revision);
}

async function current({ api, namespace, service: name }: CanaryOptions): Promise<KnativeService> {
  const service = await api.get<KnativeService>(KINDS.knativeServices, namespace, name);
  if (!service) throw new ClusterError(`the Knative Service "${name}" is gone`);
  return service;
}
