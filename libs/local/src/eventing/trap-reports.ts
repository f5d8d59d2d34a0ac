import { TRAPS } from '@ebb/knative';

/** A trap of the data plane that bit here: a cluster would have fallen into it without a word. */
export interface TrapReport {
  /** The trap's number in Ebb's list of the Kafka data plane's traps. */
  readonly trap: number;
  readonly name: string;
  /** The trigger, broker or source that it bit. */
  readonly subject: string;
  /** What happened here, and what the cluster would do. */
  readonly message: string;
  /** How often it happened since the start. */
  readonly count: number;
}

export interface TrapReports {
  /** Counts a trap; the first time for this subject it is also handed to `onTrap`. */
  report(trap: number, subject: string, detail: string): void;
  list(): readonly TrapReport[];
}

/** Subjects may come from outside (an event's source): their number is not ours. */
const MAX_REPORTS = 1_000;

/** Keeps one report per subject and trap, so that a trap that bites on every event is told once. */
export function createTrapReports(onTrap: (report: TrapReport) => void): TrapReports {
  const reports = new Map<string, TrapReport>();
  return {
    report(trap, subject, detail) {
      const key = `${trap} ${subject}`;
      const known = reports.get(key);
      if (!known && reports.size >= MAX_REPORTS) return;
      const report = known ? { ...known, count: known.count + 1 } : describe(trap, subject, detail);
      reports.set(key, report);
      if (!known) onTrap(report);
    },
    list: () => [...reports.values()],
  };
}

function describe(trap: number, subject: string, detail: string): TrapReport {
  const rule = TRAPS[trap];
  const message = rule ? `${detail}. In a cluster: ${rule.cluster}. Instead: ${rule.remedy}` : detail;
  return { trap, name: rule?.name ?? `trap ${trap}`, subject, message, count: 1 };
}
