import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EbbError, identify, isAlive, type ProcessIdentity, systemClock } from '@ebb/core';

const FAST_STOP_MS = 4_000;
const IMMEDIATE_STOP_MS = 2_000;
const POLL_MS = 20;

/** An id that no process has: Linux and macOS stop far below. */
const NOBODY_PID = 2_147_483_646;

const SUPERVISOR_FILE = 'supervisor.json';

/**
 * Clears what an earlier server left on this data directory: an orphan whose supervisor was killed is stopped, and a lock
 * file whose process id belongs to a stranger by now no longer stops PostgreSQL from starting.
 * @throws EbbError EBB_RUNTIME when the earlier supervisor still runs
 */
export async function clearPredecessor(directory: string, data: string): Promise<'none' | 'dead' | 'stopped'> {
  const lock = join(data, 'postmaster.pid');
  if (!existsSync(lock)) return 'none';
  const [first, ...rest] = readFileSync(lock, 'utf8').split('\n');
  const pid = Number(first);
  if (!runsOn(pid, data)) {
    // Rewritten, not removed: the rest of the file lets PostgreSQL see whether the dead server's backends still run.
    if (identify(pid)) writeFileSync(lock, [NOBODY_PID, ...rest].join('\n'));
    return 'dead';
  }
  const supervisor = supervisorOf(directory);
  if (supervisor && isAlive(supervisor)) {
    throw new EbbError('EBB_RUNTIME', `the PostgreSQL in ${directory} is in use by process ${supervisor.pid}`);
  }
  await stopProcess(pid);
  return 'stopped';
}

/** Leaves word who looks after the server, so that a later start can tell an orphan from a server in use. */
export function recordSupervisor(directory: string): void {
  writeFileSync(join(directory, SUPERVISOR_FILE), JSON.stringify(identify(process.pid)));
}

/** Stops a server the way it takes best: fast (rolls back, writes a checkpoint), else at once (recovers at the next start). */
export async function stopProcess(pid: number): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGINT', FAST_STOP_MS],
    ['SIGQUIT', IMMEDIATE_STOP_MS],
    ['SIGKILL', IMMEDIATE_STOP_MS],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const deadline = Date.now() + waitMs;
    while (identify(pid)) {
      if (Date.now() > deadline) break;
      await systemClock.sleep(POLL_MS);
    }
    if (!identify(pid)) return;
  }
}

function supervisorOf(directory: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, SUPERVISOR_FILE), 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

/** Whether the process is a PostgreSQL that serves this data directory, and no stranger with a number used again. */
function runsOn(pid: number, data: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || !identify(pid)) return false;
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(data);
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(data);
  } catch {
    return false;
  }
}
