import { systemClock } from '@ebb/core';
import type { Strike } from './strikes.ts';
import type { Target } from './target.ts';
import { strike, type Struck } from './victims.ts';

const POLL_MS = 20;

export interface Blows {
  readonly strike: Strike;
  readonly result: Struck;
}

export interface StrikerOptions {
  readonly strikes: readonly Strike[];
  readonly target: Target;
  /** Actions begun so far. */
  readonly begun: () => number;
  /** Ends it: nobody is struck any more. */
  readonly signal: AbortSignal;
  readonly onStruck?: (blow: Blows) => void;
}

/** Carries out the strikes one after the other, each when its number of actions has begun. */
export async function strikeAll({
  strikes,
  target,
  begun,
  signal,
  onStruck,
}: StrikerOptions): Promise<readonly Blows[]> {
  const blows: Blows[] = [];
  for (const next of strikes) {
    while (begun() < next.after && !signal.aborted) await systemClock.sleep(POLL_MS, signal).catch(() => undefined);
    if (signal.aborted) break;
    const blow = { strike: next, result: await strike(next, target) };
    blows.push(blow);
    onStruck?.(blow);
  }
  return blows;
}
