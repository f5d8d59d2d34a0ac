import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { deferred, EbbError } from '@ebb/core';
import { binary } from './binaries.ts';
import type { Placement } from './placement.ts';

/** How a running server is set up, for each start anew: data made by an earlier version of Ebb follows. */
export interface ServerSettings {
  readonly port: number;
  /** False only for databases that nobody will miss. */
  readonly durable: boolean;
}

export interface ServerProcess {
  readonly pid: number;
  /** Resolves when the process is gone, with why. */
  readonly exited: Promise<string>;
  /** Stops to hold this process open and to listen; the server runs on. */
  detach(): void;
}

const READY = 'database system is ready to accept connections';
const LINES_KEPT = 12;

/**
 * Starts postgres; resolves when it accepts connections.
 * @throws EbbError EBB_RUNTIME with its last words when it ends before
 */
export async function startProcess(
  placement: Placement,
  settings: ServerSettings,
  onLog: (line: string) => void,
): Promise<ServerProcess> {
  const child = spawn(binary(placement.binaries, 'postgres'), ['-D', placement.data, ...options(settings)], {
    ...placement.account,
    cwd: placement.home,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'pipe'],
    // In a session of its own: Ctrl-C on the terminal is for us, and the services drain before their database goes.
    detached: true,
  });
  const exited = deferred<string>();
  child.once('exit', (code, signal) => exited.resolve(signal ?? `exit code ${code ?? 0}`));
  child.once('error', (error) => exited.resolve(error.message));
  await untilReady(child, exited.promise, onLog);
  return {
    pid: child.pid ?? 0,
    exited: exited.promise,
    detach: () => {
      child.stderr.destroy();
      child.unref();
    },
  };
}

async function untilReady(
  child: ChildProcessByStdio<null, null, Readable>,
  exited: Promise<string>,
  onLog: (line: string) => void,
): Promise<void> {
  const ready = deferred<true>();
  const last: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    onLog(line);
    last.push(line);
    if (last.length > LINES_KEPT) last.shift();
    if (line.includes(READY)) ready.resolve(true);
  });
  const outcome = await Promise.race([ready.promise, exited]);
  if (outcome !== true) {
    throw new EbbError('EBB_RUNTIME', `PostgreSQL did not start (${outcome}): ${last.join('\n') || 'it said nothing'}`);
  }
}

function options({ port, durable }: ServerSettings): string[] {
  const settings: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '64MB',
    huge_pages: 'off',
    fsync: durable ? 'on' : 'off',
    synchronous_commit: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
    // No replica will ever follow, so neither its log records nor its processes are needed.
    wal_level: 'minimal',
    max_wal_senders: 0,
    max_logical_replication_workers: 0,
    io_method: 'sync',
    jit: 'off',
    log_checkpoints: 'off',
    // Our own clients are right behind us; a lost one is found out within a minute.
    tcp_keepalives_idle: 30,
    scram_iterations: 1,
    timezone: 'UTC',
    lc_messages: 'C',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
