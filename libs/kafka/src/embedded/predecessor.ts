import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EbbError, identify, isAlive, systemClock, type ProcessIdentity } from '@ebb/core';

const STOP_MS = 8_000;
const KILL_MS = 5_000;
const POLL_MS = 20;

interface Running {
  readonly broker: ProcessIdentity;
  readonly supervisor: ProcessIdentity;
}

/** Leaves word of who runs here, so that a later start can tell an orphan from a broker in use. */
export function recordBroker(directory: string, pid: number): void {
  const [broker, supervisor] = [identify(pid), identify(process.pid)];
  if (broker && supervisor) writeFileSync(fileIn(directory), JSON.stringify({ broker, supervisor }));
}

export function forgetBroker(directory: string): void {
  rmSync(fileIn(directory), { force: true });
}

/**
 * Ends a broker whose supervisor was killed; says whether there was one.
 * @throws EbbError EBB_RUNTIME when the supervisor lives
 */
export async function clearPredecessor(directory: string): Promise<boolean> {
  const running = readRunning(directory);
  if (!running || !isAlive(running.broker)) return false;
  const { supervisor, broker } = running;
  if (isAlive(supervisor)) {
    throw new EbbError('EBB_RUNTIME', `the Kafka in ${directory} is in use by process ${supervisor.pid}`);
  }
  await stopBroker(broker.pid);
  return true;
}

/** Asks, then ends it: a broker that was ended so recovers its segments at the next start. */
export async function stopBroker(pid: number): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGTERM', STOP_MS],
    ['SIGKILL', KILL_MS],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    for (const until = Date.now() + waitMs; identify(pid) && Date.now() < until;) await systemClock.sleep(POLL_MS);
    if (!identify(pid)) return;
  }
}

function readRunning(directory: string): Running | undefined {
  if (!existsSync(fileIn(directory))) return undefined;
  try {
    return JSON.parse(readFileSync(fileIn(directory), 'utf8')) as Running;
  } catch {
    return undefined;
  }
}

function fileIn(directory: string): string {
  return join(directory, 'broker.json');
}
