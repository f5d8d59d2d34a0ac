/** A signing key, by its place in the life of keys: published, then signing, then only verified with. */
export interface KeyState {
  readonly kid: string;
  readonly publishedForMs: number;
  /** Undefined while it does not sign yet. */
  readonly activeForMs: number | undefined;
}

/**
 * How long a key is published before it signs: longer than anybody keeps a copy of the key set, so that nobody meets a token whose key
 * they have not seen.
 */
export const KEY_LEAD_MS = 15 * 60_000;

export type Rotation =
  /** Nothing signs yet. */
  | 'begin'
  /** Nothing is published to go on with. */
  | 'publish'
  | 'rotate'
  | 'wait';

/** What is to be done about the keys: `active` signs, `next` is published and waits. */
export function rotationOf(active: KeyState | undefined, next: KeyState | undefined, everyMs: number): Rotation {
  if (!active) return 'begin';
  if (!next) return 'publish';
  return (active.activeForMs ?? 0) >= everyMs && next.publishedForMs >= KEY_LEAD_MS ? 'rotate' : 'wait';
}
