import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EbbError, identify, isAlive, type ProcessIdentity } from '@ebb/core';

/** What a running `ebb up` tells the other commands, in `.ebb/run/runtime.json`. */
export interface RunningRuntime extends ProcessIdentity {
  readonly port: number;
  readonly otlpPort: number;
  readonly url: string;
}

/** The folder `.ebb` of a workspace: what the local runtime keeps, and who is using it. */
export class StateDirectory {
  readonly path: string;

  constructor(workspaceRoot: string) {
    this.path = join(workspaceRoot, '.ebb');
  }

  folder(name: 'postgres' | 'kafka' | 'build' | 'logs' | 'run'): string {
    const folder = join(this.path, name);
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    return folder;
  }

  /** The runtime that works here now, if one does. */
  running(): RunningRuntime | undefined {
    const runtime = readJson<RunningRuntime>(this.runtimeFile());
    return runtime && isAlive(runtime) ? runtime : undefined;
  }

  /**
   * Makes this process the only one that works on this folder, until it ends (however it ends).
   * @throws AlreadyRunningError when another one does
   */
  claim(): void {
    const mine = JSON.stringify(identify(process.pid));
    const draft = `${this.claimFile()}.${process.pid}`;
    for (;;) {
      try {
        writeFileSync(this.claimFile(), mine, { flag: 'wx' });
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const owner = readJson<ProcessIdentity>(this.claimFile());
      if (owner && isAlive(owner)) throw new AlreadyRunningError(owner.pid, this.running());
      this.discardStaleClaim(draft);
    }
  }

  announce(runtime: Omit<RunningRuntime, keyof ProcessIdentity>): void {
    writeWhole(this.runtimeFile(), { ...identify(process.pid), ...runtime });
  }

  release(): void {
    rmSync(this.runtimeFile(), { force: true });
    rmSync(this.claimFile(), { force: true });
  }

  /** The owner is gone without a word: whoever renames its claim away may try again. */
  private discardStaleClaim(draft: string): void {
    try {
      renameSync(this.claimFile(), draft);
      // Another process may have put its own fresh claim there just before: then it goes back.
      const renamed = readJson<ProcessIdentity>(draft);
      if (renamed && isAlive(renamed)) linkSync(draft, this.claimFile());
      rmSync(draft);
    } catch (error) {
      if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }

  private runtimeFile(): string {
    return join(this.folder('run'), 'runtime.json');
  }

  private claimFile(): string {
    return join(this.folder('run'), 'claim.json');
  }
}

export class AlreadyRunningError extends EbbError {
  readonly runtime: RunningRuntime | undefined;

  constructor(pid: number, runtime: RunningRuntime | undefined) {
    const where = runtime ? `at ${runtime.url}` : 'and is still starting';
    super('EBB_USAGE', `Ebb is already running in this workspace ${where} (process ${pid}); stop it with: kill ${pid}`);
    this.runtime = runtime;
  }
}

/** Writes a small JSON file so that it is never seen half written. */
export function writeWhole(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(value), { mode: 0o600 });
  renameSync(draft, file);
}

/** The content of a file that {@link writeWhole} wrote; undefined when there is none, or none that can be read. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names what it wrote
export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}
