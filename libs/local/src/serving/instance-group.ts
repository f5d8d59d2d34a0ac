import { messageOf } from '@ebb/core';
import { BackOff, HEALTHY_AFTER_MS } from './back-off.ts';
import { StartFailedError } from './errors.ts';
import { Instance } from './instance.ts';
import {
  startProcess,
  withLastWords,
  type ProcessHost,
  type ProcessSpec,
  type ServiceProcess,
} from './service-process.ts';

export interface GroupEvents {
  /** An instance became ready. */
  ready(instance: Instance): void;
  /** A process ended that nobody had asked to: `reason` says how. */
  ended(reason: string): void;
  /** Starts fail again and again. */
  startFailed(reason: string): void;
}

/** Starts that fail in a row before the group counts as failing: a single one may be bad luck, and is repeated at once. */
const FAILING_AFTER = 2;

/** Keeps as many processes of one revision alive as are wanted. */
export class InstanceGroup {
  /** Ready instances, oldest first; those that drain are not among them. */
  readonly instances: Instance[] = [];
  lastColdStartMs: number | undefined;
  wanted = 0;
  #lastError: string | undefined;
  readonly #starting = new Set<Start>();
  readonly #processes = new Set<ServiceProcess>();
  readonly #ending = new Set<Promise<void>>();
  readonly #backOff = new BackOff();
  readonly #spec: ProcessSpec;
  readonly #host: ProcessHost;
  readonly #graceMs: number;
  readonly #events: GroupEvents;
  #restart: NodeJS.Timeout | undefined;
  #lastFailureWasStart = false;

  /** @param graceMs how long a request may still take while its instance drains, and the process after SIGTERM */
  constructor(spec: ProcessSpec, host: ProcessHost, graceMs: number, events: GroupEvents) {
    this.#spec = spec;
    this.#host = host;
    this.#graceMs = graceMs;
    this.#events = events;
  }

  get ready(): number {
    return this.instances.filter((instance) => instance.isOpen).length;
  }

  get isStarting(): boolean {
    return this.#starting.size > 0;
  }

  /** How the last process ended, while that is recent enough to matter. */
  get lastError(): string | undefined {
    return this.#backOff.failures > 0 ? this.#lastError : undefined;
  }

  get isFailing(): boolean {
    return this.#backOff.failures >= FAILING_AFTER && this.ready === 0;
  }

  /** How long a request would wait in vain for the next start; 0 while one is under way or none failed. */
  get hopelessForMs(): number {
    const isHopeless = this.isFailing && this.#lastFailureWasStart && !this.isStarting;
    return isHopeless ? Math.max(1, this.#backOff.remainingMs()) : 0;
  }

  scaleTo(wanted: number): void {
    this.wanted = wanted;
    this.#reconcile();
  }

  /** An instance takes no connections although its process may live: it is replaced. */
  lost(instance: Instance, reason: string): void {
    if (!this.instances.includes(instance)) return;
    this.#backOff.failed(instance.readyAt);
    this.#lastError = `took no connections: ${reason}`;
    this.#events.ended(this.#lastError);
    this.#end(instance, this.#graceMs);
    this.#reconcile();
  }

  /** Ends all instances: `graceMs` for the requests in flight, then as long for the processes. Resolves when none is left. */
  async end(graceMs: number = this.#graceMs): Promise<void> {
    this.wanted = 0;
    clearTimeout(this.#restart);
    for (const start of [...this.#starting]) this.#cancel(start);
    for (const instance of [...this.instances]) this.#drain(instance, graceMs);
    // A drain that began earlier may have been promised more time than there is now.
    const timer = setTimeout(() => this.killAll(), 2 * graceMs);
    while (this.#ending.size > 0) await Promise.all(this.#ending);
    clearTimeout(timer);
  }

  /** Last resort when this process ends without having drained. */
  killAll(): void {
    for (const process of this.#processes) process.signal('SIGKILL');
  }

  #reconcile(): void {
    clearTimeout(this.#restart);
    const surplus = this.instances.length + this.#starting.size - this.wanted;
    if (surplus > 0) this.#shrink(surplus);
    if (surplus >= 0) return;
    const delayMs = this.#backOff.remainingMs();
    if (delayMs > 0) {
      this.#restart = setTimeout(() => this.#reconcile(), delayMs);
      return;
    }
    for (let missing = surplus; missing < 0; missing += 1) this.#track(this.#start());
  }

  #shrink(surplus: number): void {
    const starts = [...this.#starting].slice(-surplus);
    for (const start of starts) this.#cancel(start);
    // The least busy first, and of those the youngest: the oldest are warm.
    const idlest = [...this.instances].reverse().sort((one, other) => one.inFlight - other.inFlight);
    for (const instance of idlest.slice(0, surplus - starts.length)) this.#drain(instance, this.#graceMs);
  }

  async #start(): Promise<void> {
    const start: Start = { startedAt: performance.now(), isCancelled: false, process: undefined };
    this.#starting.add(start);
    try {
      const process = await startProcess(this.#spec, this.#host, (spawned) => this.#spawned(start, spawned));
      this.#starting.delete(start);
      if (!start.isCancelled) this.#becameReady(process, start);
    } catch (error) {
      this.#starting.delete(start);
      if (!start.isCancelled) this.#startFailed(start, error);
    }
  }

  #spawned(start: Start, process: ServiceProcess): void {
    start.process = process;
    this.#processes.add(process);
    void process.exited.then(() => this.#processes.delete(process));
    if (start.isCancelled) this.#track(process.terminate(this.#graceMs));
  }

  #becameReady(process: ServiceProcess, start: Start): void {
    const instance = new Instance(process);
    this.instances.push(instance);
    this.lastColdStartMs = process.coldStartMs;
    this.#lastFailureWasStart = false;
    const healthy = setTimeout(() => this.#backOff.reset(), HEALTHY_AFTER_MS).unref();
    void process.exited.then((how) => {
      clearTimeout(healthy);
      this.#exited(instance, how, start.startedAt);
    });
    this.#events.ready(instance);
  }

  #exited(instance: Instance, how: string, startedAt: number): void {
    instance.agent.destroy();
    const at = this.instances.indexOf(instance);
    // One that drains is no longer listed: its end is wanted.
    if (at === -1) return;
    this.instances.splice(at, 1);
    this.#backOff.failed(startedAt);
    this.#lastError = withLastWords(how, instance.process);
    this.#events.ended(this.#lastError);
    this.#reconcile();
  }

  #startFailed(start: Start, error: unknown): void {
    const isTimeout = error instanceof StartFailedError && error.isTimeout;
    this.#backOff.failed(start.startedAt, isTimeout ? FAILING_AFTER : 1);
    this.#lastError = messageOf(error);
    this.#lastFailureWasStart = true;
    this.#events.ended(this.#lastError);
    if (this.isFailing) this.#events.startFailed(this.#lastError);
    this.#reconcile();
  }

  #cancel(start: Start): void {
    start.isCancelled = true;
    this.#starting.delete(start);
    if (start.process) this.#track(start.process.terminate(this.#graceMs));
  }

  #drain(instance: Instance, graceMs: number): void {
    // Who is ended on purpose has not failed.
    this.#backOff.reset();
    this.#end(instance, graceMs);
  }

  #end(instance: Instance, graceMs: number): void {
    this.instances.splice(this.instances.indexOf(instance), 1);
    this.#track(instance.drain(graceMs));
  }

  #track(ending: Promise<void>): void {
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }
}

/** A start under way. */
interface Start {
  readonly startedAt: number;
  isCancelled: boolean;
  process: ServiceProcess | undefined;
}
