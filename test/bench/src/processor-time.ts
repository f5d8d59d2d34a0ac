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

/** The same of a process and its children. One that ends takes its time along: compare only while all of them live. */
export function processorMsOfFamily(pid: number): number | undefined {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
    return [pid, ...children].reduce((sum, each) => sum + (processorMsOf(each) ?? 0), 0);
  } catch {
    return undefined;
  }
}

/** Of this process. */
export function ownProcessorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / MICROSECONDS_PER_MILLISECOND;
}
