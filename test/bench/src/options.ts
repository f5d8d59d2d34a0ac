import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** One JSON document instead of a table. */
  readonly json: boolean;
  /** A third of the rounds: to see that it works, not to quote. */
  readonly quick: boolean;
  /** The suites to run; all without any. */
  readonly suites: readonly string[];
}

export const USAGE = `npm run bench -- [suites] [options]

  suites    cold-start, per-event, exactly-once, batched, relay, orders (default: all)
  --quick   fewer rounds
  --json    print one JSON document`;

/** @throws TypeError when an option is unknown */
export function parseOptions(args: readonly string[], known: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false } },
  });
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new TypeError(`no such suite: ${unknown.join(', ')}`);
  return { ...values, suites: positionals.length > 0 ? positionals : known };
}
