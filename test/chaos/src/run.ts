import { setMaxListeners } from 'node:events';
import { check } from './checker.ts';
import { Client, type Turnstile } from './client.ts';
import type { Finding } from './finding.ts';
import { LedgerBook, type Ledger } from './ledger.ts';
import { openLog, readLog } from './log-reader.ts';
import type { Observed } from './observed.ts';
import { observe } from './observe.ts';
import type { Plan } from './plan.ts';
import { untilAtRest } from './rest.ts';
import { shownTo } from './shown.ts';
import { strikeAll, type Blows } from './striker.ts';
import type { Target } from './target.ts';

export interface RunOptions {
  readonly plan: Plan;
  readonly target: Target;
  /** After so long nothing more is begun. */
  readonly forMs: number;
  /** How long what was begun may take to come to its end. */
  readonly restWithinMs: number;
  /** Nothing more is begun from then on; what was begun comes to its end, and is judged. */
  readonly enough?: AbortSignal;
  /** Ends the run where it is, which leaves nothing to judge by. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
}

export interface RunResult {
  readonly plan: Plan;
  readonly ledger: Ledger;
  readonly observed: Observed;
  readonly findings: readonly Finding[];
  readonly blows: readonly Blows[];
  readonly begun: number;
  /** From the first action to the last answer, and from there to rest. */
  readonly sendingMs: number;
  readonly restingMs: number;
}

/** Carries out a plan on a running system, waits until all is at rest, and compares the two sides of the account. */
export async function runPlan({
  plan,
  target,
  forMs,
  restWithinMs,
  enough,
  signal,
  onProgress,
}: RunOptions): Promise<RunResult> {
  const stop = new AbortController();
  const ending = AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]);
  // Every client that waits listens to it.
  setMaxListeners(0, ending);
  const ledger = new LedgerBook(plan);
  const startedAt = Date.now();
  let begun = 0;
  const turnstile: Turnstile = {
    enter: () => {
      if (enough?.aborted || Date.now() - startedAt > forMs) return false;
      begun += 1;
      return true;
    },
  };
  const quiet = new AbortController();
  const striking = strikeAll({
    strikes: plan.strikes,
    target,
    begun: () => begun,
    signal: AbortSignal.any([ending, quiet.signal]),
    onStruck: (blow) => onProgress?.(`${begun} events: ${blowText(blow)}`),
  });
  try {
    const clients = clientsOf(plan, { target, ledger, turnstile, signal: ending });
    await Promise.all([Promise.all(clients.map((client) => client.run())).finally(() => quiet.abort()), striking]);
  } finally {
    // Whatever failed, nobody goes on: neither clients nor blows.
    stop.abort();
    await striking.catch(() => undefined);
  }
  const sentAt = Date.now();
  const observed = await judge(target, restWithinMs, signal ?? new AbortController().signal);
  return {
    plan,
    ledger,
    observed,
    findings: check(ledger, observed),
    blows: await striking,
    begun,
    sendingMs: sentAt - startedAt,
    restingMs: Date.now() - sentAt,
  };
}

function clientsOf(
  plan: Plan,
  options: { target: Target; ledger: LedgerBook; turnstile: Turnstile; signal: AbortSignal },
): readonly Client[] {
  return Array.from({ length: plan.clients }, (_, number) => {
    const actions = plan.actions.filter(({ client }) => client === number);
    return new Client({ ...options, number, seed: plan.seed, actions });
  });
}

async function judge(target: Target, restWithinMs: number, signal: AbortSignal): Promise<Observed> {
  await untilAtRest(target, restWithinMs, signal);
  const log = await openLog(target);
  try {
    return await observe(target.databaseUrl(), await readLog(log), await shownTo(target));
  } finally {
    await log.close();
  }
}

function blowText({ strike: { victim, blow, forMs }, result }: Blows): string {
  const how = blow === 'kill' ? 'killed' : `${blow === 'pause' ? 'paused' : 'held down'} for ${forMs} ms`;
  return `${victim} ${how}${result === 'missed' ? ' (nobody was there)' : ''}`;
}
