import { setTimeout as delay } from 'node:timers/promises';
import { deferred, HttpProblem, type Clock, type Logger } from '@ebb/core';
import { breakerLimits } from '@ebb/knative';
import { Activator, type Held, type HeldBytes } from './activator.ts';
import { FixedScaler, type Scaler } from './scaler.ts';
import { RevisionFailedError, RevisionRetiredError } from './errors.ts';
import type { Instance } from './instance.ts';
import { accepts } from './readiness.ts';
import { InstanceGroup } from './instance-group.ts';
import type { RevisionSettings } from './revision-settings.ts';
import type { ServiceState } from './serving.ts';
import type { ProcessHost, ProcessSpec } from './service-process.ts';

const SUSPECT_MS = 10;

/** What all revisions share. */
export interface RevisionContext {
  readonly host: ProcessHost;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly heldBytes: HeldBytes;
  /** Requests that one revision may hold. */
  readonly maxHeld: number;
  /** Processes that one revision may have on this machine, whatever its load. */
  readonly maxInstances: number;
}

export interface RevisionOptions {
  readonly spec: ProcessSpec;
  readonly settings: RevisionSettings;
  readonly fingerprint: string;
  readonly scaler: Scaler;
}

/** One version of a service: its processes, the requests that wait for them, and how many there should be. */
export class Revision {
  readonly name: string;
  readonly fingerprint: string;
  readonly settings: RevisionSettings;
  readonly activator: Activator;
  /** Resolves when it has been ready for the first time, rejects when it was given up before. */
  readonly started: Promise<void>;
  hasBeenReady = false;
  isGivenUp = false;
  readonly #first = deferred();
  readonly #group: InstanceGroup;
  readonly #scaler: Scaler;
  readonly #context: RevisionContext;
  readonly #logger: Logger;
  #startedAt = 0;
  #isRetired = false;

  constructor({ spec, settings, fingerprint, scaler }: RevisionOptions, context: RevisionContext) {
    this.name = spec.revision;
    this.fingerprint = fingerprint;
    this.settings = settings;
    this.#context = context;
    this.#logger = context.logger.child({ service: spec.service, revision: spec.revision });
    this.#scaler = scaler;
    this.started = this.#first.promise;
    this.started.catch(() => undefined);
    this.#group = new InstanceGroup(spec, context.host, settings.graceMs, {
      ready: ({ process }) => this.#onReady(process.coldStartMs ?? 0),
      ended: (reason) => this.#logger.warn({ reason }, 'a process ended'),
      startFailed: (reason) => this.#onStartFailed(reason),
    });
    this.activator = new Activator({
      containerConcurrency: settings.containerConcurrency,
      maxHeld: context.maxHeld,
      heldBytes: context.heldBytes,
      instances: () => this.#group.instances,
      onChange: (requests) => scaler.record(context.clock.now(), requests),
      onArrival: () => scaler.arrived(context.clock.now()),
    });
  }

  /** Starts the first instances. @see started */
  start(): Promise<void> {
    this.#startedAt = this.#context.clock.now();
    this.#scale(this.#scaler.initial);
    if (this.#group.wanted === 0) this.#markReady();
    return this.started;
  }

  /**
   * Holds a request until an instance has room, and sees to it that there will be one.
   * @throws HttpProblem 503 when the revision cannot start, or too many wait · RevisionRetiredError
   */
  hold(bytes: number): Held {
    if (this.#isRetired) throw new RevisionRetiredError(this.name);
    if (this.#group.wanted === 0) this.#scale(this.#scaler.poke(this.#context.clock.now()));
    const hopelessMs = this.#group.hopelessForMs;
    if (hopelessMs > 0) throw this.#cannotStart(hopelessMs);
    if (!this.settings.holdsRequests) throw this.#isAway();
    if (this.#isBreakerFull()) throw new HttpProblem(503, 'pending request queue full');
    return this.activator.hold(bytes);
  }

  /** An instance refused the connection. */
  lost(instance: Instance, reason: string): void {
    this.#group.lost(instance, reason);
  }

  /**
   * An instance broke a connection. A process that dies closes its connections some time before its end is known: until it is
   * seen to live, no other request shall meet the same fate.
   */
  async suspect(instance: Instance): Promise<void> {
    instance.pause();
    await Promise.race([delay(SUSPECT_MS), instance.process.exited]);
    if (await accepts(instance.process.port)) instance.resume();
    else this.#group.lost(instance, 'it closed its port');
    this.activator.dispatch();
  }

  /** Brings the number of instances to what the load wants now. */
  tick(): void {
    if (this.#isRetired) return;
    const now = this.#context.clock.now();
    const isBusy = this.activator.requests > 0;
    if (this.hasBeenReady) this.#scale(this.#scaler.decide(now, this.#group.ready, this.#group.wanted, isBusy));
    else if (!isBusy && now - this.#startedAt > this.settings.startTimeoutMs) this.#scale(0);
  }

  /** Changes the number of a worker's processes. */
  setReplicas(count: number): void {
    if (!(this.#scaler instanceof FixedScaler)) return;
    this.#scaler.want = count;
    this.#scale(count);
  }

  /** Gives up on a start that has not come to be ready. */
  giveUp(reason: string): void {
    if (this.hasBeenReady) return;
    this.isGivenUp = true;
    this.#first.reject(new RevisionFailedError(this.name, reason));
  }

  /** Takes no more requests: those that are held go to another revision, those in flight finish; then its processes end. */
  async retire(graceMs: number = this.settings.graceMs): Promise<void> {
    this.#isRetired = true;
    this.giveUp('was replaced before it was ready');
    this.activator.refuseAll(new RevisionRetiredError(this.name));
    await this.#group.end(graceMs);
  }

  killAll(): void {
    this.#group.killAll();
  }

  get state(): ServiceState {
    const isIdle = this.#scaler.want === 0 && this.activator.requests === 0;
    // The last process may still be there for its grace period, as a terminating pod is.
    if (this.#group.wanted === 0 || (isIdle && this.#group.ready > 0)) return 'zero';
    if (this.#group.ready > 0) return 'ready';
    return this.#group.isFailing ? 'failing' : 'activating';
  }

  get ready(): number {
    return this.#group.ready;
  }

  get want(): number {
    return this.#scaler.want;
  }

  get isPanicking(): boolean {
    return this.#scaler.isPanicking;
  }

  get lastColdStartMs(): number | undefined {
    return this.#group.lastColdStartMs;
  }

  get lastError(): string | undefined {
    return this.#group.lastError;
  }

  #scale(wanted: number): void {
    if (!this.#isRetired) this.#group.scaleTo(Math.min(wanted, this.#context.maxInstances));
  }

  #onReady(coldStartMs: number): void {
    this.#logger.info({ cold_start_ms: Math.round(coldStartMs) }, 'a process is ready');
    if (this.#group.ready >= this.#group.wanted) this.#markReady();
    this.activator.dispatch();
  }

  #markReady(): void {
    if (!this.hasBeenReady) this.#scaler.activated(this.#context.clock.now());
    this.hasBeenReady = true;
    this.isGivenUp = false;
    this.#first.resolve();
  }

  #onStartFailed(reason: string): void {
    this.giveUp(`cannot start: ${reason}`);
    this.activator.refuseAll(this.#cannotStart(this.#group.hopelessForMs));
  }

  /** What is restarted at once will be there in a moment. */
  #isAway(): HttpProblem {
    return new HttpProblem(503, `${this.name} has no process that is ready; try again in a moment`, {
      headers: { 'retry-after': '1' },
    });
  }

  #cannotStart(retryAfterMs: number): HttpProblem {
    const reason = this.#group.lastError ?? 'its process does not become ready';
    return new HttpProblem(503, `revision ${this.name} cannot start: ${reason}`, {
      headers: { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) },
    });
  }

  /** Past the activator, each instance's queue proxy has its own limit. */
  #isBreakerFull(): boolean {
    if (!this.#scaler.isActivatorOut) return false;
    const { running, waiting } = breakerLimits(this.settings.containerConcurrency);
    return this.activator.requests >= (running + waiting) * Math.max(1, this.ready);
  }
}
