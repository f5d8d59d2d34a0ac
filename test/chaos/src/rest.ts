import { systemClock } from '@ebb/core';
import pg from 'pg';
import { ENDS } from './rules/ends.ts';
import { platformStatus } from './requests.ts';
import type { Target } from './target.ts';

/** What `ebb status` counts for a person. */
export interface ShownState {
  readonly parked: number;
  readonly deadLetters: number;
}

interface Status {
  readonly outboxPending: number;
  readonly triggers: readonly { readonly lag: number; readonly inFlight: number }[];
  readonly parked: Readonly<Record<string, number>>;
  readonly deadLetters: number;
}

const POLL_MS = 250;
/** The parts are counted one after the other, so that one look may miss what moves between them. */
const LOOKS = 3;
const UNDECIDED = `SELECT count(*)::int AS count FROM orders.orders WHERE status <> ALL ($1)`;

/** Waits until nothing moves any more, and says what a person is shown then. What is not at rest in time is judged as it is. */
export async function untilAtRest(target: Target, timeoutMs: number, signal: AbortSignal): Promise<ShownState> {
  const deadline = Date.now() + timeoutMs;
  let quietLooks = 0;
  for (;;) {
    const status = await statusOf(target);
    quietLooks = status && isQuiet(status) ? quietLooks + 1 : 0;
    const isOver = Date.now() > deadline || signal.aborted;
    if (status && (isOver || (quietLooks >= LOOKS && (await undecided(target)) === 0))) {
      return {
        parked: Object.values(status.parked).reduce((sum, count) => sum + count, 0),
        deadLetters: status.deadLetters,
      };
    }
    if (isOver) throw new Error('the runtime does not say how it is');
    await systemClock.sleep(POLL_MS);
  }
}

async function statusOf(target: Target): Promise<Status | undefined> {
  const answer = await target.send(platformStatus());
  return answer.kind === 'answered' && answer.result.status === 200 ? answer.result.json<Status>() : undefined;
}

function isQuiet({ outboxPending, triggers }: Status): boolean {
  return outboxPending === 0 && triggers.every(({ lag, inFlight }) => lag === 0 && inFlight === 0);
}

async function undecided(target: Target): Promise<number> {
  const client = new pg.Client({ connectionString: target.databaseUrl(), application_name: 'ebb-chaos' });
  await client.connect();
  try {
    return (await client.query<{ count: number }>(UNDECIDED, [ENDS])).rows[0]?.count ?? 0;
  } finally {
    await client.end();
  }
}
