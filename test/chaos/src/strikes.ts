import { Random } from './random.ts';

export const VICTIMS = [
  'orders',
  'inventory',
  'payments',
  'payment-provider',
  'shipping',
  'witness',
  'relay',
  'relay-two',
  'runtime',
  'postgres',
  'kafka',
] as const;
export type VictimName = (typeof VICTIMS)[number];

/** What happens to a victim: SIGKILL; SIGSTOP and, later, SIGCONT; or killed and kept from coming back for a while. */
export type Blow = 'kill' | 'pause' | 'hold-down';

export interface Strike {
  /** When so many actions were begun. */
  readonly after: number;
  readonly victim: VictimName;
  readonly blow: Blow;
  /** How long a pause or being down lasts; 0 for a kill. */
  readonly forMs: number;
}

export interface StrikePlan {
  readonly seed: number;
  readonly events: number;
  /** At least one. */
  readonly victims: readonly VictimName[];
  readonly strikeEvery: number;
  readonly outageMs: number;
}

const PAUSE_SHARE = 0.4;
const MIN_PAUSE_MS = 200;
const MAX_PAUSE_MS = 2_500;
/** Those that a service cannot do without are also held down. */
const STORES: readonly VictimName[] = ['postgres', 'kafka'];

/**
 * Strikes at random places, each victim about as often as the others: the list is gone through in a new random order again and again, so that
 * a small plan strikes everybody, too.
 */
export function planStrikes({ seed, events, victims, strikeEvery, outageMs }: StrikePlan): readonly Strike[] {
  const random = new Random(seed, 'strikes');
  const strikes: Strike[] = [];
  let order: readonly VictimName[] = [];
  for (let after = gap(random, strikeEvery); after < events; after += gap(random, strikeEvery)) {
    if (order.length === 0) order = random.shuffled(victims);
    const victim = order[0];
    if (victim === undefined) break;
    order = order.slice(1);
    const isPause = random.chance(PAUSE_SHARE);
    strikes.push({
      after,
      victim,
      blow: isPause ? 'pause' : 'kill',
      forMs: isPause ? random.between(MIN_PAUSE_MS, MAX_PAUSE_MS) : 0,
    });
  }
  const outages = victims
    .filter((victim) => outageMs > 0 && STORES.includes(victim))
    .map((victim): Strike => ({ after: random.between(0, events - 1), victim, blow: 'hold-down', forMs: outageMs }));
  return [...strikes, ...outages].sort((a, b) => a.after - b.after);
}

function gap(random: Random, strikeEvery: number): number {
  return Math.max(1, Math.round(strikeEvery * (0.5 + random.next())));
}
