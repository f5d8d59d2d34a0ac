import { isDeepStrictEqual } from 'node:util';
import { messageOf, type Clock, type Logger } from '@ebb/core';
import { createLocalJWKSet, errors, type CryptoKey, type JSONWebKeySet, type JWTHeaderParameters } from 'jose';
import type { FetchKeySet } from './fetch-key-set.ts';
import { KeysAwayError, TokenRefusedError } from './token-problem.ts';

export interface KeySetOptions {
  readonly issuer: string;
  readonly fetch: FetchKeySet;
  /** Keys that were read longer ago are read again, beside the requests. */
  readonly maxAgeMs: number;
  /** Keys that were read longer ago are no longer believed, even while the issuer is away. */
  readonly maxStaleMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** An issuer's keys as they were at one time. What they proved is proved for as long as they are the current ones. */
export interface KeySnapshot {
  readonly keys: JSONWebKeySet;
  readonly find: (header: JWTHeaderParameters) => Promise<CryptoKey>;
}

export interface FoundKey {
  readonly key: CryptoKey;
  readonly snapshot: KeySnapshot;
}

const FIRST_COOLDOWN_MS = 1_000;
const LONGEST_COOLDOWN_MS = 30_000;
/** An issuer that comes back must not be taken for away for long. */
const LONGEST_COOLDOWN_AFTER_FAILURE_MS = 5_000;
/** How long a request waits until the issuer may be asked again. */
const PATIENCE_MS = 2_000;

/**
 * The keys of one issuer. Reading them is shared by all requests that wait for it, and happens at most once per cooldown, which grows while nothing
 * new is found: tokens with made-up key ids must not become requests to the issuer.
 */
export class KeySet {
  readonly #options: KeySetOptions;
  #current: KeySnapshot | undefined;
  #readAtMs = -Infinity;
  /** How many readings began, and how many of them are over. */
  #begun = 0;
  #over = 0;
  #reading: Promise<void> | undefined;
  #nextReading: Promise<void> | undefined;
  #begunAtMs = -Infinity;
  #cooldownMs = 0;

  constructor(options: KeySetOptions) {
    this.#options = options;
  }

  /** Whether these are still the issuer's keys, as far as we know. */
  isCurrent(snapshot: KeySnapshot): boolean {
    if (this.#ageMs() > this.#options.maxAgeMs) this.#readBeside();
    return snapshot === this.#current && this.#ageMs() <= this.#options.maxStaleMs;
  }

  /**
   * The key that a token says it was signed with.
   * @throws TokenRefusedError when the issuer has none · KeysAwayError when its keys cannot be had
   */
  async keyFor(header: JWTHeaderParameters): Promise<FoundKey> {
    const begun = this.#begun;
    if (this.#ageMs() > this.#options.maxStaleMs) await this.#readAgain();
    else if (this.#ageMs() > this.#options.maxAgeMs) this.#readBeside();
    for (;;) {
      const found = await this.#find(header);
      if (found) return found;
      // A reading that began before the token came may have missed the key, one that began later has not.
      if (this.#over > begun) throw new TokenRefusedError('false');
      if (!this.#mayReadSoon()) throw new TokenRefusedError('false');
      await this.#readAgain();
    }
  }

  async #find(header: JWTHeaderParameters): Promise<FoundKey | undefined> {
    const snapshot = this.#current;
    if (!snapshot) throw new KeysAwayError(this.#options.issuer);
    try {
      return { key: await snapshot.find(header), snapshot };
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return undefined;
      throw new TokenRefusedError('false', { cause: error });
    }
  }

  /** Waits for the reading that is under way, or the next one. @throws KeysAwayError */
  async #readAgain(): Promise<void> {
    if (!this.#mayReadSoon()) throw new KeysAwayError(this.#options.issuer);
    try {
      await (this.#reading ?? this.#readNext());
    } catch (error) {
      throw new KeysAwayError(this.#options.issuer, { cause: error });
    }
  }

  #readBeside(): void {
    if (this.#reading ?? this.#nextReading) return;
    if (this.#waitMs() > 0) return;
    this.#readNext().catch((error: unknown) => {
      const { logger, issuer } = this.#options;
      logger.warn({ err: error }, `the keys of ${issuer} cannot be read again for now: ${messageOf(error)}`);
    });
  }

  #mayReadSoon(): boolean {
    return (this.#reading ?? this.#nextReading) !== undefined || this.#waitMs() <= PATIENCE_MS;
  }

  #waitMs(): number {
    return this.#begunAtMs + this.#cooldownMs - this.#options.clock.now();
  }

  /** A reading that has not begun yet: one for all who ask before it begins. */
  #readNext(): Promise<void> {
    this.#nextReading ??= this.#readWhenAllowed();
    return this.#nextReading;
  }

  async #readWhenAllowed(): Promise<void> {
    await this.#options.clock.sleep(Math.max(0, this.#waitMs()));
    this.#nextReading = undefined;
    this.#reading = this.#read();
    try {
      await this.#reading;
    } finally {
      this.#reading = undefined;
    }
  }

  async #read(): Promise<void> {
    const { clock, fetch } = this.#options;
    // Nobody asked for long: whoever made keys up has gone.
    if (clock.now() - this.#begunAtMs > 2 * LONGEST_COOLDOWN_MS) this.#cooldownMs = 0;
    this.#begun += 1;
    this.#begunAtMs = clock.now();
    try {
      this.#take(await fetch());
    } catch (error) {
      this.#growCooldown(LONGEST_COOLDOWN_AFTER_FAILURE_MS);
      throw error;
    } finally {
      this.#over = this.#begun;
    }
  }

  #take(keys: JSONWebKeySet): void {
    this.#readAtMs = this.#options.clock.now();
    if (isDeepStrictEqual(keys, this.#current?.keys)) {
      this.#growCooldown(LONGEST_COOLDOWN_MS);
      return;
    }
    this.#cooldownMs = FIRST_COOLDOWN_MS;
    this.#current = { keys, find: createLocalJWKSet(keys) };
  }

  #growCooldown(longestMs: number): void {
    this.#cooldownMs = Math.min(Math.max(this.#cooldownMs * 2, FIRST_COOLDOWN_MS), longestMs);
  }

  #ageMs(): number {
    return this.#options.clock.now() - this.#readAtMs;
  }
}
