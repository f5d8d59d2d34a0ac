import { EbbError, messageOf, Secret, systemClock } from '@ebb/core';
import { clearPredecessor, recordSupervisor, stopProcess } from './predecessor.ts';
import { choosePort, rememberPort } from './port.ts';
import type { Placement } from './placement.ts';
import { SUPERUSER } from './cluster.ts';
import { startProcess, type ServerProcess } from './server-process.ts';

/** Told when PostgreSQL ended without being asked to. */
export interface PostgresCrash {
  /** A signal's name or an exit code. */
  readonly reason: string;
  /** When the restart is tried, from now. */
  readonly restartInMs: number;
}

export interface EmbeddedPostgres {
  /** The superuser's URL of the database `ebb`. */
  readonly url: Secret;
  readonly port: number;
  /** Of the server now; it changes with a restart. */
  readonly pid: number;
  /** Calls the listener whenever the server crashed; it is started again on the same port by itself. */
  onCrash(listener: (crash: PostgresCrash) => void): () => void;
  /** Lets this process end while the server runs on; it is no longer restarted. For servers with a watchdog of their own. */
  leave(): void;
  /** Stops the server: fast, then harder. Safe to call twice. */
  stop(): Promise<void>;
}

export interface SupervisorOptions {
  readonly directory: string;
  readonly placement: Placement;
  readonly password: Secret;
  readonly port: number | undefined;
  readonly durable: boolean;
  readonly onLog: (line: string) => void;
}

export const DATABASE = 'ebb';

const START_DEADLINE_MS = 15_000;
const START_RETRY_MS = 100;
const FIRST_RESTART_MS = 100;
const LONGEST_RESTART_MS = 5_000;
/** A server that ran this long was healthy: its next crash is a first one again. */
const HEALTHY_MS = 30_000;

/** What passes by itself: backends of a killed server that have not noticed yet, and a port that was taken between probe and use. */
const PASSING =
  /pre-existing shared memory block|could not create any TCP\/IP sockets|lock file .* (already exists|is empty)/;

/** Keeps one PostgreSQL running on one data directory. */
export class Supervisor implements EmbeddedPostgres {
  readonly #options: SupervisorOptions;
  readonly #listeners = new Set<(crash: PostgresCrash) => void>();
  readonly #stopping = new AbortController();
  #process: ServerProcess | undefined;
  #restarting: Promise<void> | undefined;
  #port = 0;
  #crashes = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get url(): Secret {
    return this.urlOf(DATABASE);
  }

  urlOf(database: string): Secret {
    return new Secret(
      `postgres://${SUPERUSER}:${this.#options.password.reveal()}@127.0.0.1:${this.#port}/${encodeURIComponent(database)}`,
    );
  }

  async start(): Promise<void> {
    const { directory, placement } = this.#options;
    await clearPredecessor(directory, placement.data);
    this.#process = await this.#startWithin(START_DEADLINE_MS);
    recordSupervisor(directory);
    rememberPort(directory, this.#port);
    this.#watch(this.#process);
  }

  onCrash(listener: (crash: PostgresCrash) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  leave(): void {
    this.#stopping.abort();
    this.#process?.detach();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#restarting;
    const running = this.#process;
    this.#process = undefined;
    if (running) await stopProcess(running.pid);
  }

  async #startWithin(ms: number): Promise<ServerProcess> {
    const deadline = Date.now() + ms;
    for (;;) {
      try {
        return await this.#startOnce();
      } catch (error) {
        if (!PASSING.test(messageOf(error)) || Date.now() > deadline) throw error;
        await systemClock.sleep(START_RETRY_MS);
      }
    }
  }

  async #startOnce(): Promise<ServerProcess> {
    const { directory, placement, port, durable, onLog } = this.#options;
    // After a crash the port stays: the services know no other.
    if (this.#crashes === 0) this.#port = port ?? (await choosePort(directory));
    return await startProcess(placement, { port: this.#port, durable }, onLog);
  }

  #watch(server: ServerProcess): void {
    const startedAt = Date.now();
    void server.exited.then((reason) => {
      if (this.#stopping.signal.aborted) return;
      this.#process = undefined;
      if (Date.now() - startedAt > HEALTHY_MS) this.#crashes = 0;
      this.#restarting = this.#restart(reason);
    });
  }

  /** Tries until it runs or is stopped: nothing else in the runtime can do anything useful without its database. */
  async #restart(firstReason: string): Promise<void> {
    for (let reason = firstReason; !this.#stopping.signal.aborted;) {
      const restartInMs = Math.min(FIRST_RESTART_MS * 2 ** this.#crashes, LONGEST_RESTART_MS);
      this.#crashes += 1;
      for (const listener of this.#listeners) listener({ reason, restartInMs });
      try {
        await systemClock.sleep(restartInMs, this.#stopping.signal);
        this.#process = await this.#startOnce();
        this.#watch(this.#process);
        return;
      } catch (error) {
        reason = error instanceof EbbError ? error.message : messageOf(error);
      }
    }
  }
}
