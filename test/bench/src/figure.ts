import { summaryOf, type Summary } from './statistics.ts';

/** What a figure has to be; `accepted` where there is something between the goal and a failure. */
export interface Goal {
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly accepted?: number;
}

export type Verdict = 'met' | 'accepted' | 'missed';

/** One line of the report. */
export interface Figure extends Summary {
  readonly what: string;
  readonly unit: string;
  readonly goal?: Goal;
  readonly verdict?: Verdict;
}

export function figure(what: string, unit: string, values: readonly number[], goal?: Goal): Figure {
  const summary = summaryOf(values);
  return { what, unit, ...summary, ...(goal && { goal, verdict: verdictOf(summary.median, goal) }) };
}

function verdictOf(value: number, { atMost = Infinity, atLeast = -Infinity, accepted }: Goal): Verdict {
  if (value <= atMost && value >= atLeast) return 'met';
  if (accepted === undefined) return 'missed';
  return (atMost === Infinity ? value >= accepted : value <= accepted) ? 'accepted' : 'missed';
}
