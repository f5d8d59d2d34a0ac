import { messageOf } from '@ebb/core';
import type { ControlClient, DeadCounts } from '@ebb/local/client';
import { searchJaeger, type JaegerGet, type StoredSpan } from '@ebb/traces';
import { ClusterError } from '../errors.ts';
import type { KubeApi } from '../kube/kube-api.ts';
import { KINDS } from '../kube/resource-type.ts';
import { restartsOf, troubleOf } from '../resources/readiness.ts';
import { REVISION_LABEL, selectorOf, type Condition, type Pod, type Revision } from '../resources/resources.ts';

export interface HealthOptions {
  readonly api: KubeApi;
  readonly namespace: string;
  readonly service: string;
  readonly revision: string;
  readonly jaeger: JaegerGet;
  readonly relay: () => Promise<ControlClient>;
  /** What happened before does not count. */
  readonly since: Date;
}

/** What a revision did since it was first looked at. */
export interface Figures {
  readonly requests: number;
  readonly failed: number;
}

const MAX_TRACES = 1_500;
/** Spans arrive in batches, and a request takes its time: so far back is looked again. */
const OVERLAP_MS = 60_000;

/** How a revision does: by its pods, by the spans of its requests and events, and by what was parked meanwhile. */
export class Health {
  readonly #options: HealthOptions;
  readonly #spans = new Map<string, boolean>();
  #lookedAt = -Infinity;
  #restarts: number | undefined;
  #parked: number | undefined;
  #parkedBefore: number | undefined;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  /** @throws ClusterError when the revision is broken, or when nobody can be asked how it does */
  async look(now: Date): Promise<Figures> {
    await this.#lookAtPods();
    const asked = await Promise.allSettled([this.#lookAtSpans(now), this.#lookAtParked()]);
    const failures = asked.flatMap((one) => (one.status === 'rejected' ? [messageOf(one.reason)] : []));
    if (failures.length === asked.length)
      throw new ClusterError(`nobody can be asked how ${this.#options.revision} does: ${failures.join('; ')}`);
    const failedSpans = [...this.#spans.values()].filter((isFailed) => isFailed).length;
    // A parked event is a failed span as well, unless its process could not send it.
    return {
      requests: Math.max(this.#spans.size, this.#newlyParked()),
      failed: Math.max(failedSpans, this.#newlyParked()),
    };
  }

  async #lookAtPods(): Promise<void> {
    const { api, namespace, revision } = this.#options;
    const [found, pods] = await Promise.all([
      api.get<Revision>(KINDS.revisions, namespace, revision),
      api.list<Pod>(KINDS.pods, namespace, selectorOf({ [REVISION_LABEL]: revision })),
    ]);
    const ready = found?.status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready?.status !== 'True') throw new ClusterError(`${revision} is not ready: ${reasonOf(ready)}`);
    const trouble = pods
      .map(troubleOf)
      .find((one) => one !== undefined && !/ContainerCreating|PodInitializing/.test(one));
    if (trouble !== undefined) throw new ClusterError(`a pod of ${revision} does not start: ${trouble}`);
    const restarts = pods.reduce((sum, pod) => sum + restartsOf(pod), 0);
    this.#restarts ??= restarts;
    if (restarts > this.#restarts) throw new ClusterError(`a container of ${revision} ended and was started again`);
  }

  async #lookAtSpans(now: Date): Promise<void> {
    const { jaeger, service, revision, since: begin } = this.#options;
    const since = new Date(Math.max(begin.getTime(), this.#lookedAt - OVERLAP_MS));
    const spans = await searchJaeger(jaeger, { service, since, until: now, limit: MAX_TRACES });
    this.#lookedAt = now.getTime();
    for (const span of spans) {
      if (isOf(span, service, revision)) this.#spans.set(span.spanId, span.status.code === 'error');
    }
  }

  async #lookAtParked(): Promise<void> {
    const { relay, service } = this.#options;
    const query = new URLSearchParams({ service }).toString();
    const { waiting } = await (await relay()).get<DeadCounts>(`/dead/count?${query}`);
    const needing = Object.entries(waiting).filter(([reason]) => reason !== 'delayed' && reason !== 'behind');
    this.#parked = needing.reduce((sum, [, count]) => sum + count, 0);
    this.#parkedBefore ??= this.#parked;
  }

  #newlyParked(): number {
    return Math.max(0, (this.#parked ?? 0) - (this.#parkedBefore ?? 0));
  }
}

/** What a process of the revision was asked to do; its instance is named by revision and pod. */
function isOf({ service, kind, resource }: StoredSpan, name: string, revision: string): boolean {
  const { 'service.instance.id': instance } = resource;
  const isAsked = kind === 'server' || kind === 'consumer';
  return isAsked && service === name && typeof instance === 'string' && instance.startsWith(`${revision}@`);
}

function reasonOf(condition: Condition | undefined): string {
  return [condition?.reason, condition?.message].filter((part) => part !== undefined).join(': ') || 'it is gone';
}
