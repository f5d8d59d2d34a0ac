import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deferred, identify, isAlive, type ProcessIdentity } from '@ebb/core';
import { Ebb, httpRequest, type WorkspaceCopy } from '@ebb/testing/local';
import type { Answer } from './answers.ts';
import { childrenOf, isPartOf, signalAll } from './processes.ts';
import type { Request } from './requests.ts';

/** Eight services are built, on a machine that others may use, too. */
const READY_WITHIN_MS = 150_000;
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
    const { workspace, args = [] } = options;
    try {
      return new Target(options, await startEbb(workspace, args));
    } catch (error) {
      // It was killed; what it had started by then was not.
      endAll(identitiesOf(startedIn(workspace)));
      workspace.remove();
      throw error;
    }
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
      this.#ebb = await startEbb(this.workspace, this.#args);
    } finally {
      this.#up.resolve();
    }
  }

  runtimePid(): number {
    return this.#ebb.process.pid ?? 0;
  }

  /** The processes of a service. */
  pidsOf(service: string): readonly number[] {
    return recordedIn(this.workspace).filter((pid) => isPartOf(pid, service));
  }

  postgresPid(): number | undefined {
    return postgresIn(this.workspace);
  }

  /** Of the broker that the runtime started; undefined without one. */
  kafkaPid(): number | undefined {
    return kafkaIn(this.workspace);
  }

  /** Undefined where the log is in PostgreSQL. */
  kafkaPort(): number | undefined {
    const [port] = contentOf(this.workspace, 'kafka/ports')?.split(' ') ?? [];
    return port === undefined ? undefined : Number(port);
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
    const runtime = this.runtimePid();
    const left = identitiesOf([runtime, ...startedIn(this.workspace)]);
    signalAll(pidsOf(left), 'SIGCONT');
    try {
      await this.#ebb.stop();
    } finally {
      endAll([...left, ...identitiesOf(startedIn(this.workspace))]);
      this.workspace.remove();
    }
  }

  #postgresFile(name: string): string | undefined {
    return contentOf(this.workspace, `postgres/${name}`);
  }
}

function startEbb(workspace: WorkspaceCopy, args: readonly string[]): Promise<Ebb> {
  return Ebb.start(workspace, ['--no-watch', ...args], { readyWithinMs: READY_WITHIN_MS });
}

const pidsOf = (identities: readonly ProcessIdentity[]): readonly number[] => identities.map(({ pid }) => pid);

function endAll(identities: readonly ProcessIdentity[]): void {
  signalAll(pidsOf(identities.filter(isAlive)), 'SIGKILL');
}

/** Everything that a runtime has running in a workspace, as far as it wrote it down, with what that started in turn. */
function startedIn(workspace: WorkspaceCopy): readonly number[] {
  const pids = [...recordedIn(workspace), ...[postgresIn(workspace), kafkaIn(workspace)].flatMap((pid) => pid ?? [])];
  return pids.flatMap((pid) => [pid, ...childrenOf(pid)]);
}

function identitiesOf(pids: readonly number[]): readonly ProcessIdentity[] {
  return pids.flatMap((pid) => identify(pid) ?? []);
}

/** Services and workers. */
function recordedIn(workspace: WorkspaceCopy): readonly number[] {
  const file = contentOf(workspace, 'run/processes.json');
  return file === undefined ? [] : (JSON.parse(file) as { pid: number }[]).map(({ pid }) => pid);
}

function postgresIn(workspace: WorkspaceCopy): number | undefined {
  const pid = Number(contentOf(workspace, 'postgres/data/postmaster.pid')?.split('\n')[0]);
  return pid > 0 && identify(pid) ? pid : undefined;
}

function kafkaIn(workspace: WorkspaceCopy): number | undefined {
  const file = contentOf(workspace, 'kafka/broker.json');
  const pid = file === undefined ? 0 : (JSON.parse(file) as { broker: ProcessIdentity }).broker.pid;
  return pid > 0 && identify(pid) ? pid : undefined;
}

function contentOf({ root }: WorkspaceCopy, name: string): string | undefined {
  try {
    return readFileSync(join(root, '.ebb', name), 'utf8');
  } catch {
    return undefined;
  }
}
