import { parseArgs } from 'node:util';

export interface ChaosOptions {
  readonly events: number;
  readonly seed: number;
  readonly log: 'postgres' | 'kafka';
  /** Nothing more is begun after so long. */
  readonly minutes: number;
  readonly clients: number;
  /** Events between two strikes, on average. */
  readonly strikeEvery: number;
  /** How long PostgreSQL and Kafka are held down, once each. */
  readonly outageSeconds: number;
}

export const USAGE = `npm run chaos -- [options]

Sends orders and edits while everything is killed and paused at random, then compares what clients were promised with the state.

  --events N          how many orders and edits (default 2000; the nightly sizes are 100000, and 20000 with --log kafka)
  --seed S            decides who does what when, and who is struck when: a whole number (default: a random one, which is printed)
  --log LOG           postgres (default) or kafka
  --minutes M         begin nothing more after M minutes (default 120)
  --clients N         clients at work at the same time (default 8)
  --strike-every N    events between two strikes, on average (default 200)
  --outage S          hold PostgreSQL and Kafka down once, for S seconds (default 60 with 10000 events and more, else 5; 0: never)
  --help              show this

Exit code 0: nothing was lost, doubled or out of order. 1: something was. 2: the options are wrong.`;

const MAX_SEED = 4_294_967_295;
const MAX_EVENTS = 1_000_000;
/** A minute's outage is worth its time in a run that takes many. */
const LARGE = 10_000;

/** Something on the command line cannot be. */
export class UsageError extends Error {}

/**
 * Undefined: help was asked for.
 * @throws UsageError with all that is wrong
 */
export function parseOptions(args: readonly string[], randomSeed: () => number): ChaosOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const problems: string[] = [];
  const whole = (name: keyof typeof values, fallback: number, least: number, most: number): number => {
    const text = values[name];
    if (text === undefined || typeof text === 'boolean') return fallback;
    const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    problems.push(`--${name} ${text}: must be a whole number from ${least} to ${most}`);
    return fallback;
  };
  const events = whole('events', 2_000, 1, MAX_EVENTS);
  const options: ChaosOptions = {
    events,
    seed: whole('seed', randomSeed(), 0, MAX_SEED),
    log: values.log === 'kafka' ? 'kafka' : 'postgres',
    minutes: whole('minutes', 120, 1, 1_440),
    clients: whole('clients', 8, 1, 64),
    strikeEvery: whole('strike-every', 200, 5, MAX_EVENTS),
    outageSeconds: whole('outage', events >= LARGE ? 60 : 5, 0, 600),
  };
  if (!['postgres', 'kafka', undefined].includes(values.log))
    problems.push(`--log ${values.log ?? ''}: must be postgres or kafka`);
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return options;
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        events: text,
        seed: text,
        log: text,
        minutes: text,
        clients: text,
        'strike-every': text,
        outage: text,
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    // The library's hint about `--` goes on for lines and helps nobody here.
    throw new UsageError((error as Error).message.split('. ')[0] ?? 'the options are wrong');
  }
}
