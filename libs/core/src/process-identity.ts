import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process, told apart from a later one that was given the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the system's own words; undefined where the system does not tell. */
  readonly startedAt: string | undefined;
}

/** Who has this process id now; undefined when nobody has, or only a zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, but as another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  const start = startOf(pid);
  return start === 'zombie' ? undefined : { pid, startedAt: start };
}

export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  return now !== undefined && now.startedAt === identity.startedAt;
}

const STATE_FIELD = 0;
const START_FIELD = 19;

function startOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The command name stands in parentheses and may hold anything; the fields are counted from behind it.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[STATE_FIELD] === 'Z' ? 'zombie' : fields[START_FIELD];
    } catch {
      return undefined;
    }
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}
