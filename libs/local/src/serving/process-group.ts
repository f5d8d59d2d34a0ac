import { isAlive, type ProcessIdentity } from '@ebb/core';

/** Sends a signal to a process that leads its own group, and to everything that it started. False when nobody is left. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  for (const target of process.platform === 'win32' ? [pid] : [-pid, pid]) {
    try {
      process.kill(target, signal);
      return true;
    } catch {
      // No such group or process: it is gone, or was never a leader.
    }
  }
  return false;
}

/**
 * Ends processes that a killed runtime left behind. A pid that belongs to another process by now (its start time differs) is
 * left alone.
 * @returns those that were killed
 */
export function killOrphans<T extends ProcessIdentity>(records: readonly T[]): readonly T[] {
  return records.filter((record) => isAlive(record) && signalGroup(record.pid, 'SIGKILL'));
}
