import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deferred, identify, isAlive, type ProcessIdentity } from '@ebb/core';
import { Ebb, httpRequest, type WorkspaceCopy } from '@ebb/testing/local';
import type { Answer } from './answers.ts';
import { childrenOf, isPartOf, signalAll } from './processes.ts';
import type { Request } from './requests.ts';

const REQUEST_DEADLINE_MS = 15_000;

export interface TargetOptions {
  readonly workspace: WorkspaceCopy;
  readonly args?: readonly string[];
}

/** The system that is struck: one `ebb up` after the other on the same data. */
export class Target {
  readonly workspace: WorkspaceCopy;
  readonly #args: readonly string[];
  #ebb: Ebb;
  /** Settled while the runtime is there. A port that nobody listens on any more may be a stranger's in the next moment. */
  #up = deferred();

  private constructor({ workspace, args = [] }: TargetOptions, ebb: Ebb) {
    this.workspace = workspace;
    this.#args = args;
    this.#ebb = ebb;
    this.#up.resolve();
  }

  static async start(options: TargetOptions): Promise<Target> {
    return new Target(options, await Ebb.start(options.workspace, ['--no-watch', ...(options.args ?? [])]));
  }

  get ebb(): Ebb {
    return this.#ebb;
  }

  /** Sends a request, once the runtime is there. Never rejects. */
  async send({ service, path, options }: Request): Promise<Answer> {
    await this.#up.promise;
    const { port } = this.#ebb;
    const host = service === '' ? `localhost:${port}` : `${service}.localhost:${port}`;
    try {
      const headers = { host, ...options.headers };
      const result = await httpRequest(port, path, { ...options, headers, timeoutMs: REQUEST_DEADLINE_MS });
      return { kind: 'answered', result };
    } catch {
      return { kind: 'silence' };
    }
  }

  /** Kills the runtime and starts another one on what it left. */
  async restart(): Promise<void> {
    this.#up = deferred();
    try {
      await this.#ebb.kill();
      this.#ebb = await Ebb.start(this.workspace, ['--no-watch', ...this.#args]);
    } finally {
      this.#up.resolve();
    }
  }

  runtimePid(): number {
    return this.#ebb.process.pid ?? 0;
  }

  /** The processes of a service. */
  pidsOf(service: string): readonly number[] {
    return this.#recorded().filter((pid) => isPartOf(pid, service));
  }

  postgresPid(): number | undefined {
    const [pid] = this.#postgresFile('data/postmaster.pid')?.split('\n') ?? [];
    return pid === undefined || !identify(Number(pid)) ? undefined : Number(pid);
  }

  postgresPort(): number {
    return Number(this.#postgresFile('port'));
  }

  /** The superuser's. */
  databaseUrl(): string {
    const password = this.#postgresFile('password')?.trim() ?? '';
    return `postgres://ebb:${password}@127.0.0.1:${this.postgresPort()}/ebb`;
  }

  /** Ends everything, also after a failure: first politely, then by process id. */
  async close(): Promise<void> {
    const left = this.#everything();
    signalAll(
      left.map(({ pid }) => pid),
      'SIGCONT',
    );
    try {
      await this.#ebb.stop();
    } finally {
      signalAll(
        left.filter(isAlive).map(({ pid }) => pid),
        'SIGKILL',
      );
      this.workspace.remove();
    }
  }

  #everything(): readonly ProcessIdentity[] {
    const postgres = this.postgresPid();
    const pids = [this.runtimePid(), ...this.#recorded(), ...(postgres === undefined ? [] : [postgres])];
    return pids.flatMap((pid) => [pid, ...childrenOf(pid)]).flatMap((pid) => identify(pid) ?? []);
  }

  #recorded(): readonly number[] {
    try {
      return this.#ebb.childPids();
    } catch {
      return [];
    }
  }

  #postgresFile(name: string): string | undefined {
    try {
      return readFileSync(join(this.workspace.root, '.ebb/postgres', name), 'utf8');
    } catch {
      return undefined;
    }
  }
}
