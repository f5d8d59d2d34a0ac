import { readdirSync, readFileSync } from 'node:fs';

const NANOSECONDS_PER_MILLISECOND = 1_000_000;
const MICROSECONDS_PER_MILLISECOND = 1_000;

/** Processor time of a process so far, all of its threads, in milliseconds, where the system tells. */
export function processorMsOf(pid: number | undefined): number | undefined {
  const tasks = `/proc/${pid}/task`;
  try {
    const times = readdirSync(tasks).map((task) =>
      Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]),
    );
    return times.reduce((sum, time) => sum + time, 0) / NANOSECONDS_PER_MILLISECOND;
  } catch {
    return undefined;
  }
}

/** Of a clock tick, as Linux tells it to processes on every machine. */
const TICKS_PER_SECOND = 100;
const MILLISECONDS_PER_SECOND = 1_000;

/** The same of a process and its children, also of those that have ended: PostgreSQL's autovacuum comes and goes. */
export function processorMsOfFamily(pid: number): number | undefined {
  try {
    // What follows the name, which may have spaces in it: state is the third field, cutime and cstime are 16 and 17.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    const ended = ((Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND) * MILLISECONDS_PER_SECOND;
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
    return [pid, ...children].reduce((sum, each) => sum + (processorMsOf(each) ?? 0), ended);
  } catch {
    return undefined;
  }
}

/** Of this process. */
export function ownProcessorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / MICROSECONDS_PER_MILLISECOND;
}
