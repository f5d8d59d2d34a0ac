import type { Clock } from '@ebb/core';
import { LRUCache } from 'lru-cache';
import type { LimitStore, Standing, Taking } from './limit-store.ts';

interface Count {
  used: number;
  resetsAtMs: number;
}

/**
 * Counts in the memory of this process. It is bounded: when more clients come than it may hold, the counts of those that were away longest are
 * forgotten. Who has that many addresses is not held up by a limit per address anyway.
 */
export class MemoryStore implements LimitStore {
  readonly #clock: Clock;
  readonly #counts: LRUCache<string, Count>;

  constructor({ clock, maxKeys }: { readonly clock: Clock; readonly maxKeys: number }) {
    this.#clock = clock;
    this.#counts = new LRUCache({ max: maxKeys });
  }

  get size(): number {
    return this.#counts.size;
  }

  take(takings: readonly Taking[]): readonly Standing[] {
    const now = this.#clock.now();
    return takings.map((taking) => this.#takeOne(taking, now));
  }

  #takeOne({ key, windowMs }: Taking, now: number): Standing {
    const known = this.#counts.get(key);
    if (known && known.resetsAtMs > now) {
      known.used += 1;
      return { used: known.used, resetsInMs: known.resetsAtMs - now };
    }
    this.#counts.set(key, { used: 1, resetsAtMs: now + windowMs });
    return { used: 1, resetsInMs: windowMs };
  }
}
