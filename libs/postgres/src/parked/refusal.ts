import type { LockedRow } from './locked.ts';

/** Whoever sends an event again and again without a change gets the same failure again and again. */
export const MAX_REDRIVES = 5;

/** Why a person cannot do with a parked event what they asked for. */
export type Refusal =
  | 'not-found'
  /** It is over: it took effect, was discarded, or was edited. */
  | 'closed'
  /** It was sent on, and what comes of it is not known yet. */
  | 'on-its-way'
  /** A process is at it, or it sleeps between two steps. */
  | 'at-work'
  /** It was sent again as often as the loop guard allows. */
  | 'loop-guard'
  /** An earlier event of its key is parked; it goes on by itself after that one. */
  | 'behind'
  /** Its id took effect with another payload, so it never will. */
  | 'payload-mismatch'
  /** Steps of it have run, which a new event would run again. */
  | 'has-steps';

export function isAtWork({ status }: LockedRow): boolean {
  return status === 'running' || status === 'waiting';
}
