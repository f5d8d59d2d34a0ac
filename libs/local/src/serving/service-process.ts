import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { humanDuration, identify, messageOf } from '@ebb/core';
import { StartFailedError } from './errors.ts';
import { readLines, Tail } from './log-lines.ts';
import type { PortPool } from './port-pool.ts';
import { signalGroup } from './process-group.ts';
import { untilReady, type ReadinessProbe } from './readiness.ts';

/** A process that this runtime started, told apart from a later one with the same number. */
interface ProcessRecord {
  readonly pid: number;
  readonly startedAt: string | undefined;
  readonly service: string;
}

/** A line that a process wrote, without its end. */
export interface LogLine {
  readonly service: string;
  readonly revision: string;
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
}

/** What processes need of the runtime around them. */
export interface ProcessHost {
  readonly ports: PortPool;
  readonly onLog: (line: LogLine) => void;
  readonly onProcess: (record: ProcessRecord, change: 'started' | 'exited') => void;
}

/** How to run one process of a revision. */
export interface ProcessSpec {
  readonly service: string;
  readonly revision: string;
  readonly command: readonly string[];
  readonly cwd: string;
  /** The whole environment, but for PORT. */
  readonly env: Readonly<Record<string, string>>;
  readonly probe: ReadinessProbe;
  /** Whether it takes requests on LISTEN_PORT, and on PORT probes and metrics alone. */
  readonly listensApart: boolean;
  /** How long it may take to become ready. */
  readonly startTimeoutMs: number;
}

const STDERR_LINES = 20;
const MAX_PORT_TRIES = 5;
/** The last lines of stderr arrive after the exit; a grandchild that keeps the pipe open must not hold it up for ever. */
const LAST_WORDS_MS = 200;

/** A running process of a revision. */
export class ServiceProcess {
  readonly pid: number;
  /** Where it takes requests. */
  readonly port: number;
  /** Where it answers its probes. */
  readonly probePort: number;
  /** Resolves with a description of how it ended. Never rejects. */
  readonly exited: Promise<string>;
  /** Spawn → ready; set once it is ready. */
  coldStartMs: number | undefined;
  isAlive = true;
  readonly #stderr = new Tail(STDERR_LINES);

  constructor(child: Child, ports: Ports, spec: ProcessSpec, host: ProcessHost) {
    this.pid = child.pid ?? 0;
    this.port = ports.listen ?? ports.probes;
    this.probePort = ports.probes;
    const { service, revision } = spec;
    const record: ProcessRecord = { pid: this.pid, startedAt: identify(this.pid)?.startedAt, service };
    child.once('exit', () => (this.isAlive = false));
    this.exited = exitOf(child).then((how) => {
      release(ports, host);
      host.onProcess(record, 'exited');
      return how;
    });
    readLines(child.stdout, (line) => host.onLog({ service, revision, stream: 'stdout', line }));
    readLines(child.stderr, (line) => {
      this.#stderr.add(line);
      host.onLog({ service, revision, stream: 'stderr', line });
    });
    host.onProcess(record, 'started');
  }

  get lastWords(): string {
    return this.#stderr.text;
  }

  signal(name: NodeJS.Signals): void {
    if (this.isAlive) signalGroup(this.pid, name);
  }

  /** SIGTERM, and SIGKILL when it still runs after `graceMs`. */
  async terminate(graceMs: number): Promise<void> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs);
    await this.exited;
    clearTimeout(timer);
  }
}

/**
 * Starts a process and waits until it is ready. A port that somebody else took in the meantime is replaced by another.
 * @param onSpawn gets each process at once, so that nothing can be left behind
 * @throws StartFailedError
 */
export async function startProcess(
  spec: ProcessSpec,
  host: ProcessHost,
  onSpawn: (process: ServiceProcess) => void,
): Promise<ServiceProcess> {
  for (let tries = 1; ; tries += 1) {
    const ports = await takePorts(spec, host);
    const spawnedAt = performance.now();
    const process = await spawnProcess(spec, host, ports);
    onSpawn(process);
    const failure = await whyNotReady(process, spec);
    if (failure === undefined) {
      process.coldStartMs = performance.now() - spawnedAt;
      return process;
    }
    if (!isPortTaken(process) || tries === MAX_PORT_TRIES) throw failure;
  }
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

interface Ports {
  /** Of probes; where there is no other, of requests, too. */
  readonly probes: number;
  readonly listen: number | undefined;
}

async function takePorts({ listensApart }: ProcessSpec, { ports }: ProcessHost): Promise<Ports> {
  const probes = await ports.take();
  try {
    return { probes, listen: listensApart ? await ports.take() : undefined };
  } catch (error) {
    ports.release(probes);
    throw error;
  }
}

function release({ probes, listen }: Ports, { ports }: ProcessHost): void {
  ports.release(probes);
  if (listen !== undefined) ports.release(listen);
}

async function spawnProcess(spec: ProcessSpec, host: ProcessHost, ports: Ports): Promise<ServiceProcess> {
  try {
    const child = spawnChild(spec, ports);
    if (child.pid !== undefined) return new ServiceProcess(child, ports, spec, host);
    throw await new Promise<Error>((resolve) => child.once('error', resolve));
  } catch (error) {
    release(ports, host);
    const what = `cannot run ${spec.command.join(' ')} in ${spec.cwd}`;
    throw new StartFailedError(`${what}: ${messageOf(error)}`, { cause: error });
  }
}

function spawnChild({ command, cwd, env }: ProcessSpec, { probes, listen }: Ports): Child {
  const [program = '', ...args] = command;
  return spawn(program, args, {
    cwd,
    env: { ...env, PORT: String(probes), ...(listen !== undefined && { LISTEN_PORT: String(listen) }) },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: a signal reaches what the process started, and Ctrl-C in our terminal does not reach it.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
}

async function whyNotReady(process: ServiceProcess, spec: ProcessSpec): Promise<StartFailedError | undefined> {
  const probing = new AbortController();
  const ready = untilReady(process.probePort, spec.probe, probing.signal).then(() => 'ready' as const);
  ready.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, spec.startTimeoutMs, 'late')));
  const outcome = await Promise.race([ready, process.exited, tooLate]);
  clearTimeout(timer);
  probing.abort();
  // A stranger on the port can look like readiness: what has exited is not ready, whoever answered.
  if (outcome === 'ready' && process.isAlive) return undefined;
  const isTimeout = outcome === 'late';
  if (isTimeout) process.signal('SIGKILL');
  const how = await process.exited;
  const reason = isTimeout ? `was not ready within ${humanDuration(spec.startTimeoutMs)}` : how;
  return new StartFailedError(withLastWords(reason, process), { isTimeout });
}

/** How a process ended, with what it said last. */
export function withLastWords(how: string, process: Pick<ServiceProcess, 'lastWords'>): string {
  return process.lastWords === '' ? how : `${how}\n${process.lastWords}`;
}

function isPortTaken(process: ServiceProcess): boolean {
  return /EADDRINUSE|address already in use/i.test(process.lastWords);
}

async function exitOf(child: Child): Promise<string> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const how = await new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ? `was ended by ${signal}` : `exited with code ${code ?? 0}`));
  });
  // As in a container: when the first process ends, all the others end.
  if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([closed, new Promise((resolve) => (timer = setTimeout(resolve, LAST_WORDS_MS)))]);
  clearTimeout(timer);
  child.stdout.destroy();
  child.stderr.destroy();
  return how;
}
