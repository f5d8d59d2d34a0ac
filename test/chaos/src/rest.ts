import { systemClock } from '@ebb/core';
import pg from 'pg';
import { platformStatus } from './requests.ts';
import { ENDS } from './rules/ends.ts';
import { SERVICES } from './services.ts';
import type { Target } from './target.ts';

interface Figures {
  readonly lag: number;
  readonly inFlight: number;
}

interface Status {
  readonly outboxPending: number;
  readonly triggers: readonly (Figures & { readonly redelivery?: Figures })[];
}

const POLL_MS = 250;
/** The parts are counted one after the other, so that one look may miss what moves between them. */
const LOOKS = 3;
/** Orders that came to no end, and deliveries that were begun and not finished. */
const UNDER_WAY = [
  'SELECT count(*)::int AS count FROM orders.orders WHERE status <> ALL ($1)',
  ...SERVICES.map((schema) => `SELECT count(*)::int FROM ${schema}.inbox WHERE status NOT IN ('done', 'parked')`),
].join(' UNION ALL ');

/** Waits until nothing moves any more. What is not at rest in time is judged as it is. */
export async function untilAtRest(target: Target, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (let looks = 0; looks < LOOKS && Date.now() < deadline && !signal.aborted;) {
    looks = (await isAtRest(target)) ? looks + 1 : 0;
    await systemClock.sleep(POLL_MS, signal).catch(() => undefined);
  }
}

async function isAtRest(target: Target): Promise<boolean> {
  const answer = await target.send(platformStatus());
  if (answer.kind === 'silence' || answer.result.status !== 200) return false;
  const { outboxPending, triggers } = answer.result.json<Status>();
  const figures = triggers.flatMap(({ redelivery, ...own }) => [own, ...(redelivery ? [redelivery] : [])]);
  const isQuiet = outboxPending === 0 && figures.every(({ lag, inFlight }) => lag === 0 && inFlight === 0);
  return isQuiet && (await underWay(target)) === 0;
}

async function underWay(target: Target): Promise<number> {
  const client = new pg.Client({ connectionString: target.databaseUrl(), application_name: 'ebb-chaos' });
  // Somebody may have killed the server just now.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ count: number }>(UNDER_WAY, [ENDS]);
    return rows.reduce((sum, { count }) => sum + count, 0);
  } catch {
    return NaN;
  } finally {
    await client.end().catch(() => undefined);
  }
}
