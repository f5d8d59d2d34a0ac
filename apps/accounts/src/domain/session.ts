/** A session as a refresh token finds it. */
export interface SessionState {
  /** Which token of the family is good. */
  readonly generation: number;
  /** Since the token before it was given up. */
  readonly sinceRotationMs: number;
  readonly isOver: boolean;
}

/** What a refresh token leads to. */
export type Refreshed =
  /** It is the good one: the next takes its place. */
  | 'rotate'
  /** It was the good one a moment ago: the same next one is given again. */
  | 'repeat'
  /** It was used long since: somebody has what is not theirs. */
  | 'reuse'
  | 'over';

/**
 * A token that was just used is not stolen: two tabs refresh at the same time, or the answer was lost on the way. For a short grace both get
 * the same successor, so that there is never more than one good token.
 */
export function refreshed(
  { generation, sinceRotationMs, isOver }: SessionState,
  presented: number,
  graceMs: number,
): Refreshed {
  if (isOver) return 'over';
  if (presented === generation) return 'rotate';
  // A token is only ever made by us, one after the other: a later one than the good one is no token at all.
  if (presented > generation) return 'over';
  return presented === generation - 1 && sinceRotationMs <= graceMs ? 'repeat' : 'reuse';
}
