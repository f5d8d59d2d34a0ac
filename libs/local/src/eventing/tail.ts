import type { TailEvent } from '../control/api.ts';

/** What passes through the runtime; `dropped` says that this listener was too slow and missed `count` entries. */
export type TailEntry = TailEvent | { readonly kind: 'dropped'; readonly count: number };

/** Called one entry at a time; while its promise is pending the entries queue up, and past the capacity they are dropped. */
export type TailListener = (entry: TailEntry) => void | Promise<void>;

export interface Tail {
  /** Whether anyone listens: what costs work is done only then. */
  readonly watched: boolean;
  publish(entry: TailEvent): void;
  /** Returns the function that ends the subscription. `capacity` bounds what waits for this listener. */
  subscribe(listener: TailListener, options?: { readonly capacity?: number }): () => void;
  /** Calls `listener` when the first subscriber comes (true) and when the last one goes (false). */
  onWatched(listener: (watched: boolean) => void): () => void;
}
