import { readFileSync } from 'node:fs';

/** Whether a process serves a service: its environment says so. */
export function isPartOf(pid: number, service: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`K_SERVICE=${service}`);
  } catch {
    return false;
  }
}

/** The processes that a process started and that still run. */
export function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Sends a signal to processes; those that are gone are passed over. Says how many were reached. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): number {
  return pids.filter((pid) => {
    try {
      return process.kill(pid, signal);
    } catch {
      return false;
    }
  }).length;
}
