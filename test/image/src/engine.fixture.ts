import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '@ebb/test-database';

const execute = promisify(execFile);
const COMMAND_TIMEOUT_MS = 600_000;
const MAX_OUTPUT_BYTES = 64 * 1_048_576;
const STOP_TIMEOUT_MS = 30_000;

export interface Said {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** A Docker engine: the one of this machine, or one of the test's own. */
export class Engine {
  readonly #host: string | undefined;
  readonly #path: string;
  readonly #stop: () => Promise<void>;

  /** @param path where its commands are looked for: PATH */
  constructor(path: string, host: string | undefined, stop: () => Promise<void>) {
    this.#path = path;
    this.#host = host;
    this.#stop = stop;
  }

  /** What a command printed. @throws when it fails */
  async docker(args: readonly string[]): Promise<string> {
    const { stdout } = await execute('docker', args, this.#options());
    return stdout;
  }

  /** What a command said, whether or not it failed. */
  async tried(args: readonly string[]): Promise<Said> {
    try {
      const { stdout, stderr } = await execute('docker', args, this.#options());
      return { code: 0, output: stdout, errors: stderr };
    } catch (error: unknown) {
      const {
        code,
        stdout = '',
        stderr,
        message,
      } = error as Error & { code?: number; stdout?: string; stderr?: string };
      return { code: Number(code), output: stdout, errors: stderr ?? message };
    }
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  /** What `docker` finds this engine by. */
  get environment(): NodeJS.ProcessEnv {
    const host = this.#host === undefined ? {} : { DOCKER_HOST: this.#host };
    return { ...process.env, PATH: this.#path, DOCKER_BUILDKIT: '1', ...host };
  }

  #options() {
    return { env: this.environment, timeout: COMMAND_TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES };
  }
}

/**
 * The engine that `docker` talks to, or else one that is started for the tests, where that is possible (Linux, root, `dockerd`).
 * @throws when there is none
 */
export async function startEngine(): Promise<Engine> {
  const path = await pathWithBuilder();
  const there = new Engine(path, undefined, () => Promise.resolve());
  if ((await there.tried(['info', '--format', '{{.ID}}'])).code === 0) return there;
  const problems: string[] = [];
  // A file system that is layered already takes no further layers: copies always work, and are slower.
  for (const driver of ['overlay2', 'vfs']) {
    const engine = await startOwn(path, driver).catch((error: unknown) => {
      problems.push(String(error));
      return undefined;
    });
    if (engine) return engine;
  }
  throw new Error(`no Docker engine: install docker.io, or start one.\n${problems.join('\n')}`);
}

/** A `docker` that is newer than its engine cannot build without a plugin; the one that came with the engine can. */
async function pathWithBuilder(): Promise<string> {
  const own = process.env.PATH ?? '';
  for (const path of [own, `/usr/bin:${own}`]) {
    const env = { ...process.env, PATH: path, DOCKER_BUILDKIT: '1' };
    const builds = await execute('docker', ['build', '--help'], { env }).then(
      () => true,
      () => false,
    );
    if (builds) return path;
  }
  return own;
}

async function startOwn(path: string, driver: string): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), 'ebb-docker-'));
  const host = `unix://${folder}/sock`;
  // Containers use this machine's network: there is nothing of the engine's own in it that a test could leave behind.
  const network = ['--iptables=false', '--ip6tables=false', '--bridge=none'];
  const places = ['--data-root', `${folder}/data`, '--exec-root', `${folder}/exec`, '--pidfile', `${folder}/pid`];
  const child = spawn('dockerd', ['--host', host, '--storage-driver', driver, ...network, ...places], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (child.pid !== undefined) endWithTests(child.pid, folder);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4_000)));
  let failure: Error | undefined;
  child.on('error', (error) => (failure = error));
  const engine = new Engine(path, host, () => stop(child, folder));
  try {
    await eventually(
      async () => {
        if (failure || child.exitCode !== null) return true;
        return (await engine.tried(['info', '--format', '{{.ID}}'])).code === 0;
      },
      { timeoutMs: 60_000 },
    );
    if (failure ?? child.exitCode !== null) throw failure ?? new Error(`dockerd (${driver}) ended: ${said}`);
    return engine;
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  const ended =
    child.exitCode !== null || child.pid === undefined
      ? Promise.resolve()
      : new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const overdue = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(overdue);
  for (const mounted of mountsBelow(folder)) await execute('umount', ['--lazy', mounted]);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** An engine leaves its containers' network namespaces mounted. */
function mountsBelow(folder: string): readonly string[] {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  return mounts
    .flatMap((line) => line.split(' ')[1] ?? [])
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse();
}

/**
 * Ends an engine when the tests end, however they do: then its input ends, too. Where `stop` was there before, its folder is gone, and
 * the process id may be another's.
 */
function endWithTests(pid: number, folder: string): void {
  const watchdog = spawn('/bin/sh', ['-c', 'cat >/dev/null; [ -e "$1/pid" ] && kill -TERM "$0"', String(pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watchdog.unref();
  // A pipe of a child is a socket, whatever its type says, and would keep this process alive.
  (watchdog.stdin as unknown as { unref(): void }).unref();
}
