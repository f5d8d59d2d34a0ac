import type { Clock } from '@ebb/core';
import { LRUCache } from 'lru-cache';
import { AnswerStore, type AnswerStoreOptions } from './answer-store.ts';
import { Flights } from './flights.ts';
import { eventTag } from './tags.ts';

/** So many keys are remembered as not worth waiting for, for so long. */
const MAX_UNSTORABLE = 10_000;
const UNSTORABLE_MS = 10_000;

/** What is kept, what is on its way to be kept, and how both come to an end. */
export class AnswerCache {
  readonly store: AnswerStore;
  readonly flights = new Flights();
  readonly clock: Clock;
  readonly #unstorable = new LRUCache<string, number>({ max: MAX_UNSTORABLE });
  /** Bytes of answers that are still coming in. */
  #collecting = 0;
  readonly #maxCollecting: number;

  constructor(options: AnswerStoreOptions) {
    this.store = new AnswerStore(options);
    this.clock = options.clock;
    this.#maxCollecting = options.maxBytes;
  }

  /** Answers to such a request are never kept, so nobody should wait for one. */
  isUnstorable(key: string): boolean {
    return (this.#unstorable.get(key) ?? 0) > this.clock.now();
  }

  setUnstorable(key: string): void {
    this.#unstorable.set(key, this.clock.now() + UNSTORABLE_MS);
  }

  /** Whether so many more bytes of an answer may be held while it comes in. Give them back. */
  collect(bytes: number): boolean {
    if (this.#collecting + bytes > this.#maxCollecting) return false;
    this.#collecting += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#collecting -= bytes;
  }

  /** Something happened, to whatever these keys name. */
  happened(type: string, keys: readonly string[]): void {
    this.invalidate([eventTag(type), ...keys.map((key) => eventTag(type, key))]);
  }

  invalidate(tags: readonly string[]): void {
    for (const tag of tags) this.store.invalidate(tag);
    this.flights.invalidate((given) => given.some((tag) => tags.includes(tag)));
  }

  /** Nothing that is kept can be relied on. */
  flush(): void {
    this.store.clear();
    this.flights.invalidate(() => true);
  }
}
