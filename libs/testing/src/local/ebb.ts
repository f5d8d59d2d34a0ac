import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { keepBuilds } from './kept-builds.ts';
import type { WorkspaceCopy } from './workspace.ts';

/** What a command of the CLI left behind. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface HttpResult {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the test names what it expects
  json<T>(): T;
}

export interface HttpOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Default 30 s. */
  readonly timeoutMs?: number;
}

export interface EbbOptions {
  readonly env?: NodeJS.ProcessEnv;
  /**
   * `any`: one that the system picks. `default`: what `ebb up` takes by itself, which another runtime on this machine may have had a moment ago:
   * a client that still speaks to the old one would be answered by a stranger. Default `any`; a `--port` among the arguments wins.
   */
  readonly port?: 'any' | 'default';
  /** How long the start may take. Default 60 s. */
  readonly readyWithinMs?: number;
}

const READY_DEADLINE_MS = 60_000;
const COMMAND_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 30_000;
const REQUEST_DEADLINE_MS = 30_000;

/** A running `ebb up`, as a user starts it: a process of its own, spoken to over HTTP and through the CLI. */
export class Ebb {
  readonly workspace: WorkspaceCopy;
  readonly process: ChildProcess;
  /** Everything that it printed. */
  readonly output: string[] = [];
  port = 0;
  otlpPort = 0;
  readyMs = 0;

  private constructor(workspace: WorkspaceCopy, args: readonly string[], { env = {}, port = 'any' }: EbbOptions) {
    this.workspace = workspace;
    const portArgs = port === 'any' && !args.includes('--port') ? ['--port', '0'] : [];
    this.process = spawn(process.execPath, [cliOf(workspace), 'up', '--json', ...portArgs, ...args], {
      cwd: workspace.root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Starts `ebb up` and waits until it is ready for events. */
  static async start(workspace: WorkspaceCopy, args: readonly string[] = [], options: EbbOptions = {}): Promise<Ebb> {
    const ebb = new Ebb(workspace, args, options);
    await ebb.#ready(options.readyWithinMs ?? READY_DEADLINE_MS);
    if (workspace.sharesBuilds) keepBuilds(workspace.origin, workspace.root);
    return ebb;
  }

  /** Runs another command of the CLI beside it. */
  cli(args: readonly string[], input?: string): Promise<CommandResult> {
    return runCli(this.workspace, args, input);
  }

  /** Sends a request to a service by its name, or to the platform with ''. */
  http(service: string, path: string, options: HttpOptions = {}): Promise<HttpResult> {
    const host = service === '' ? `localhost:${this.port}` : `${service}.localhost:${this.port}`;
    return httpRequest(this.port, path, { ...options, headers: { host, ...options.headers } });
  }

  /** The processes that it recorded as running: services and workers. */
  childPids(): readonly number[] {
    const file = join(this.workspace.root, '.ebb/run/processes.json');
    return (JSON.parse(readFileSync(file, 'utf8')) as { pid: number }[]).map(({ pid }) => pid);
  }

  /** Ends it as Ctrl-C does; resolves to the exit code. @throws when it takes too long: it is killed then */
  async stop(): Promise<number | null> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return this.process.exitCode;
    const timer = setTimeout(() => this.process.kill('SIGKILL'), STOP_DEADLINE_MS);
    this.process.kill('SIGINT');
    const code = await this.exited();
    clearTimeout(timer);
    if (code === null)
      throw new Error(`ebb up did not stop by itself within ${STOP_DEADLINE_MS} ms:\n${this.output.join('\n')}`);
    return code;
  }

  /** Ends it without a chance to clean up. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.exited();
  }

  exited(): Promise<number | null> {
    const { exitCode, signalCode } = this.process;
    if (exitCode !== null || signalCode !== null) return Promise.resolve(exitCode);
    return new Promise((resolve) => this.process.once('exit', (code) => resolve(code)));
  }

  #ready(withinMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`ebb up ${why}:\n${this.output.join('\n')}`));
      const timer = setTimeout(() => {
        this.process.kill('SIGKILL');
        fail(`was not ready after ${withinMs} ms`);
      }, withinMs);
      this.process.once('exit', (code) => {
        clearTimeout(timer);
        fail(`ended with ${String(code)}`);
      });
      for (const stream of [this.process.stdout, this.process.stderr]) {
        if (!stream) continue;
        createInterface({ input: stream }).on('line', (line) => {
          this.output.push(line);
          if (!line.startsWith('{"event":"ready"')) return;
          Object.assign(this, pick(JSON.parse(line) as Announcement));
          clearTimeout(timer);
          resolve();
        });
      }
    });
  }
}

interface Announcement {
  readonly port: number;
  readonly otlpPort: number;
  readonly readyMs: number;
}

const pick = ({ port, otlpPort, readyMs }: Announcement): Announcement => ({ port, otlpPort, readyMs });

/** Runs a command of the CLI in a workspace. */
export function runCli(workspace: WorkspaceCopy, args: readonly string[], input?: string): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cliOf(workspace), ...args], {
      cwd: workspace.root,
      // Whoever runs the tests may want colours; who reads a command's output here wants its words.
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: COMMAND_DEADLINE_MS,
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
  });
}

/** One HTTP request to the loopback address; no name is resolved. Rejects when it takes too long. */
export function httpRequest(port: number, path: string, options: HttpOptions = {}): Promise<HttpResult> {
  const { method = 'GET', headers = {}, body, timeoutMs = REQUEST_DEADLINE_MS } = options;
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent: false, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const { statusCode = 0, headers: received } = response;
        resolve({ status: statusCode, headers: received, body: text, json: parse(text) });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function parse(text: string): HttpResult['json'] {
  return () => JSON.parse(text) as never;
}

function cliOf({ origin }: WorkspaceCopy): string {
  return join(origin, 'apps/cli/bin/ebb.mjs');
}
