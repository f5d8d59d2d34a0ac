import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus, loadavg, release, type } from 'node:os';

/** What the figures were measured on. */
export function machineLine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${cpus().length} cores of ${model}, ${type()} ${release()}, Node ${process.version}`;
}

/** Processes that wanted a core, the minute's average. Above the number of cores, the machine was busy with other things. */
export const loadNow = (): string => (loadavg()[0] ?? NaN).toFixed(1);

/** Where the server runs and where what loads it does, so that neither takes the other's time; undefined where that cannot be said. */
export interface Cores {
  readonly all: string;
  readonly server: string;
  readonly load: string;
}

export function findCores(): Cores | undefined {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/taskset')) return undefined;
  const all = /^Cpus_allowed_list:\s*(.+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  const [server, load] = all.split(',').flatMap((range) => {
    const [first = NaN, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  });
  return server === undefined || load === undefined ? undefined : { all, server: String(server), load: String(load) };
}

/** Moves a process, all of its threads, to some cores. */
export function pin(pid: number, cores: string): void {
  execFileSync('/usr/bin/taskset', ['-acp', cores, String(pid)], { stdio: 'ignore' });
}
