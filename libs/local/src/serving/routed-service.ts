import { HttpProblem, messageOf } from '@ebb/core';
import type { Deployment, KnativeService } from '@ebb/knative';
import { RevisionFailedError } from './errors.ts';
import type { Revision } from './revision.ts';
import { fingerprintOf } from './revision-settings.ts';
import { Routes, routesOf } from './routes.ts';
import type { Artifact, ServiceStatus } from './serving.ts';

type Resource = KnativeService | Deployment;
type MakeRevision = (name: string, resource: Resource, artifact: Artifact, fingerprint: string) => Revision;

/** A service with its revisions, and the traffic between them. */
export class RoutedService {
  readonly name: string;
  readonly kind: 'service' | 'worker';
  readonly #make: MakeRevision;
  readonly #revisions = new Map<string, Revision>();
  readonly #retiring = new Map<Revision, Promise<void>>();
  #routes = new Routes([]);
  #latest: Revision | undefined;
  #generation = 0;
  #isRemoved = false;
  #newestFailure: string | undefined;

  constructor(resource: Resource, make: MakeRevision) {
    this.name = resource.metadata.name;
    this.kind = resource.kind === 'Service' ? 'service' : 'worker';
    this.#make = make;
  }

  /** @see Serving.apply */
  async apply(resource: Resource, artifact: Artifact): Promise<void> {
    const fingerprint = fingerprintOf(resource, artifact);
    const latest = this.#latest;
    if (latest?.fingerprint === fingerprint && !latest.isGivenUp) {
      if (resource.kind === 'Deployment') latest.setReplicas(resource.spec.replicas ?? 1);
      if (!latest.hasBeenReady) await latest.started;
      this.#switchTo(latest, resource);
      return;
    }
    const revision = this.#make(this.#nextName(resource), resource, artifact, fingerprint);
    await this.#replace(latest, revision);
    this.#newestFailure = undefined;
    this.#switchTo(revision, resource);
  }

  /**
   * The revision for the next request.
   * @throws HttpProblem 503 when the service is being ended, 404 when it has no such tag
   */
  route(tag?: string): Revision {
    if (this.#isRemoved) throw new HttpProblem(503, `the service ${this.name} is being stopped`);
    const revision = tag === undefined ? this.#routes.pick() : this.#routes.tagged(tag);
    if (!revision) throw new HttpProblem(404, `the service ${this.name} has no revision for this`);
    return revision;
  }

  /** Nothing was ever started: its first resource was refused. */
  get isEmpty(): boolean {
    return this.#latest === undefined;
  }

  /** Whether requests are its business: those of a worker that does not listen find its probes and metrics. */
  get isReached(): boolean {
    return this.kind === 'service' || this.#latest?.settings.listensApart === true;
  }

  hasTag(tag: string): boolean {
    return this.#routes.tagged(tag) !== undefined;
  }

  tick(): void {
    for (const revision of this.#revisions.values()) revision.tick();
  }

  /** Takes no more requests and ends all processes. */
  async end(graceMs?: number): Promise<void> {
    this.#isRemoved = true;
    for (const revision of this.#revisions.values()) this.#retire(revision, graceMs);
    // Those that were retired before have to hurry, too.
    if (graceMs !== undefined) for (const revision of this.#retiring.keys()) void revision.retire(graceMs);
    await Promise.all(this.#retiring.values());
  }

  killAll(): void {
    for (const revision of [...this.#revisions.values(), ...this.#retiring.keys()]) revision.killAll();
  }

  status(): Omit<ServiceStatus, 'url'> {
    const serving = [...this.#routes.revisions];
    const main = this.#routes.main ?? this.#latest;
    const lastError = this.#failureOfNewest() ?? main?.lastError;
    return {
      name: this.name,
      kind: this.kind,
      state: main?.state ?? 'zero',
      ready: serving.reduce((sum, { ready }) => sum + ready, 0),
      want: serving.reduce((sum, { want }) => sum + want, 0),
      revision: main?.name ?? '',
      ...(main?.lastColdStartMs !== undefined && { lastColdStartMs: main.lastColdStartMs }),
      ...(lastError !== undefined && { lastError }),
      panicking: serving.some(({ isPanicking }) => isPanicking),
    };
  }

  /** Why the newest revision does not serve; nothing once it does, as the first one may after some tries. */
  #failureOfNewest(): string | undefined {
    return this.#latest?.hasBeenReady ? undefined : this.#newestFailure;
  }

  #nextName(resource: Resource): string {
    this.#generation += 1;
    const given = resource.kind === 'Service' ? resource.spec.template.metadata?.name : undefined;
    // A name that a person chose stays behind when only the code changed: a revision never changes.
    if (given !== undefined && !this.#revisions.has(given)) return given;
    return `${this.name}-${String(this.#generation).padStart(5, '0')}`;
  }

  /** Starts the newest revision; what served before goes on until it is ready. */
  async #replace(previous: Revision | undefined, revision: Revision): Promise<void> {
    this.#latest = revision;
    this.#revisions.set(revision.name, revision);
    previous?.giveUp(`was replaced by ${revision.name} before it was ready`);
    // A revision that never served has nothing to lose: its requests wait for the new one instead.
    if (!this.#routes.main?.hasBeenReady) this.#routes = Routes.toOnly(revision);
    this.#retireUnused();
    try {
      await revision.start();
    } catch (error) {
      if (this.#latest === revision) this.#newestFailure = messageOf(error);
      // The only one there is stays, and is tried again; its requests are told why they fail.
      if (this.#routes.main !== revision) this.#retire(revision);
      throw error;
    }
    if (this.#latest !== revision) throw new RevisionFailedError(revision.name, 'was replaced by a newer one');
  }

  #switchTo(revision: Revision, resource: Resource): void {
    this.#routes = routesOf(resource, revision, this.#revisions);
    this.#retireUnused();
  }

  #retireUnused(): void {
    const used = this.#routes.revisions;
    for (const revision of this.#revisions.values()) {
      if (revision !== this.#latest && !used.has(revision)) this.#retire(revision);
    }
  }

  #retire(revision: Revision, graceMs?: number): void {
    if (!this.#revisions.delete(revision.name)) return;
    const retiring = revision.retire(graceMs).finally(() => this.#retiring.delete(revision));
    this.#retiring.set(revision, retiring);
  }
}
