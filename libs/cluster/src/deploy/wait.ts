import { systemClock, type Clock } from '@ebb/core';
import { ClusterError } from '../errors.ts';
import type { KubeApi } from '../kube/kube-api.ts';
import { whyNotReady } from '../resources/readiness.ts';
import type { Deployment, WithConditions } from '../resources/resources.ts';
import { installedIn } from '../status/status.ts';

export interface WaitOptions {
  readonly api: KubeApi;
  readonly namespace: string;
  readonly timeoutMs: number;
  readonly onProgress?: (progress: Waiting) => void;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** How far an installation has come. */
export interface Waiting {
  readonly ready: number;
  readonly total: number;
  /** What is not ready, and why. */
  readonly pending: readonly { readonly resource: string; readonly reason: string }[];
}

const POLL_MS = 2_000;

/**
 * Waits until everything of Ebb in a namespace is ready: Helm knows nothing of Knative's resources.
 * @throws ClusterError naming each that is not, and why, when the time is over; and when nothing is there
 */
export async function waitUntilReady(options: WaitOptions): Promise<Waiting> {
  const { timeoutMs, onProgress, clock = systemClock, signal } = options;
  const deadline = clock.now() + timeoutMs;
  for (;;) {
    const waiting = await lookAt(options);
    onProgress?.(waiting);
    if (waiting.total > 0 && waiting.pending.length === 0) return waiting;
    if (clock.now() >= deadline) throw overdue(waiting, options);
    await clock.sleep(POLL_MS, signal);
  }
}

function overdue({ total, pending }: Waiting, { namespace, timeoutMs }: WaitOptions): ClusterError {
  if (total === 0) return new ClusterError(`nothing of Ebb is in namespace "${namespace}"`);
  const lines = pending.map(({ resource, reason }) => `\n  ${resource}: ${reason}`);
  return new ClusterError(
    `${pending.length} of ${total} resources are not ready after ${timeoutMs / 1_000} s:${lines.join('')}`,
  );
}

async function lookAt({ api, namespace }: WaitOptions): Promise<Waiting> {
  const { services, brokers, triggers, deployments } = await installedIn(api, namespace);
  const all = [
    ...brokers.map((broker) => named('Broker', broker, whyNotReady(broker))),
    ...triggers.map((trigger) => named('Trigger', trigger, whyNotReady(trigger))),
    ...services.map((service) => named('Knative Service', service, whyNotReady(service))),
    ...deployments.map((deployment) => named('Deployment', deployment, whyNotAvailable(deployment))),
  ];
  const pending = all.flatMap(({ resource, reason }) => (reason === undefined ? [] : [{ resource, reason }]));
  return { ready: all.length - pending.length, total: all.length, pending };
}

function named(kind: string, { metadata }: Pick<WithConditions, 'metadata'>, reason: string | undefined) {
  return { resource: `${kind} ${metadata.name}`, reason };
}

function whyNotAvailable({ metadata, spec, status }: Deployment): string | undefined {
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) return 'its controller has not seen it yet';
  const { replicas: wanted = 1 } = spec;
  const ready = status?.readyReplicas ?? 0;
  return ready >= wanted ? undefined : `${ready} of ${wanted} pods are ready`;
}
