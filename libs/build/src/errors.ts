import { EbbError } from '@ebb/core';

/** One thing that the compiler could not accept, with its place where it has one. */
export interface BuildProblem {
  readonly text: string;
  /** Relative to the workspace. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  /** The source line itself. */
  readonly source?: string;
}

/** A service that does not build; the message has every problem as file:line:column, its text and the source line. */
export class BuildError extends EbbError {
  readonly app: string;
  readonly problems: readonly BuildProblem[];

  constructor(app: string, problems: readonly BuildProblem[], options?: ErrorOptions) {
    super('EBB_BUILD', `${app} does not build:\n${problems.map(describe).join('\n')}`, options);
    this.app = app;
    this.problems = problems;
  }
}

function describe({ text, file, line, column, source }: BuildProblem): string {
  if (file === undefined) return `  ${text}`;
  const place = `  ${file}:${line ?? 1}:${column ?? 1} ${text}`;
  return source === undefined ? place : `${place}\n    ${source.trim()}`;
}
