import type { Clock } from '@ebb/core';
import { LRUCache } from 'lru-cache';
import { bytesOf, type KeptAnswer } from './kept-answer.ts';

export interface AnswerStoreOptions {
  readonly maxBytes: number;
  readonly maxEntryBytes: number;
  readonly clock: Clock;
}

/** Kept answers, in bounds, and found again by what makes them wrong. */
export class AnswerStore {
  readonly maxEntryBytes: number;
  readonly #clock: Clock;
  readonly #answers: LRUCache<string, KeptAnswer>;
  readonly #keysByTag = new Map<string, Set<string>>();

  constructor({ maxBytes, maxEntryBytes, clock }: AnswerStoreOptions) {
    this.maxEntryBytes = Math.min(maxEntryBytes, maxBytes);
    this.#clock = clock;
    this.#answers = new LRUCache({
      maxSize: maxBytes,
      maxEntrySize: this.maxEntryBytes,
      sizeCalculation: bytesOf,
      dispose: ({ tags }, key) => this.#forgetTags(key, tags),
    });
  }

  get bytes(): number {
    return this.#answers.calculatedSize;
  }

  get entries(): number {
    return this.#answers.size;
  }

  /** Tags that are known because an answer has them. */
  get tags(): number {
    return this.#keysByTag.size;
  }

  get(key: string): KeptAnswer | undefined {
    const kept = this.#answers.get(key);
    if (!kept || kept.expiresAtMs > this.#clock.now()) return kept;
    this.#answers.delete(key);
    return undefined;
  }

  set(key: string, kept: KeptAnswer): void {
    // One that takes another's place: what the other one left must be gone before this one is entered.
    this.#answers.delete(key);
    this.#answers.set(key, kept);
    if (!this.#answers.has(key)) return;
    for (const tag of kept.tags) {
      const keys = this.#keysByTag.get(tag) ?? new Set();
      this.#keysByTag.set(tag, keys.add(key));
    }
  }

  /** Forgets what is wrong now. */
  invalidate(tag: string): void {
    for (const key of [...(this.#keysByTag.get(tag) ?? [])]) this.#answers.delete(key);
  }

  clear(): void {
    this.#answers.clear();
    this.#keysByTag.clear();
  }

  #forgetTags(key: string, tags: readonly string[]): void {
    for (const tag of tags) {
      const keys = this.#keysByTag.get(tag);
      keys?.delete(key);
      if (keys?.size === 0) this.#keysByTag.delete(tag);
    }
  }
}
