import type { Figure, Goal } from './figure.ts';

export interface SuiteReport {
  readonly name: string;
  readonly title: string;
  readonly figures: readonly Figure[];
}

export interface Report {
  readonly machine: string;
  readonly quick: boolean;
  readonly suites: readonly SuiteReport[];
}

const MARKS = { met: '✓', accepted: '~ accepted', missed: '✗ missed' } as const;

/** The report as lines for people. */
export function textOf({ machine, quick, suites }: Report): string {
  return [
    machine,
    `Medians of interleaved rounds; ratios and differences are taken within each round.${quick ? ' Quick: not to be quoted.' : ''}`,
    ...suites.flatMap(({ title, figures }) => ['', title, ...tableOf(figures)]),
  ].join('\n');
}

function tableOf(figures: readonly Figure[]): readonly string[] {
  const rows = figures.map(({ what, median, min, max, unit, goal, verdict }) => [
    `  ${what}`,
    `${number(median)} ${unit}`,
    min === max ? '' : `${number(min)}–${number(max)}`,
    goal && verdict ? `${goalText(goal)} ${MARKS[verdict]}` : '',
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('   ')
      .trimEnd(),
  );
}

function goalText({ atMost, atLeast }: Goal): string {
  return atMost === undefined ? `goal ≥ ${number(atLeast ?? 0)}` : `goal ≤ ${number(atMost)}`;
}

/** Three digits that matter: more would pretend. */
function number(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}
