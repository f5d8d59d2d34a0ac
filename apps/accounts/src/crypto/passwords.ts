import type { ConfigOf } from '@ebb/core';
import type { PASSWORD_SETTINGS } from '../settings.ts';
import { dummyHash, hashPassword, isOutdated, isPassword, type ScryptCost } from './password-hash.ts';
import { Places } from './places.ts';

type PasswordConfig = ConfigOf<typeof PASSWORD_SETTINGS>;

/** 128 · r · N bytes each: with the default cost 32 MiB. Three passes make up for the memory that a small container does not have. */
const BLOCK_SIZE = 8;
const PASSES = 3;
/** Who would wait for longer than a request may take is told at once, or in time, to come again. */
const LIMITS = { maxWaiting: 200, patienceMs: 20_000 };

/** Checks and makes hashes of passwords, not too many at a time. */
export class Passwords {
  readonly #cost: ScryptCost;
  readonly #dummy: string;
  readonly #places: Places;

  constructor(config: PasswordConfig) {
    this.#cost = { ln: config.PASSWORD_COST, r: BLOCK_SIZE, p: PASSES };
    this.#dummy = dummyHash(this.#cost);
    this.#places = new Places(config.PASSWORD_CONCURRENCY, LIMITS);
  }

  hash(password: string, signal: AbortSignal): Promise<string> {
    return this.#places.run(() => hashPassword(password, this.#cost), signal);
  }

  /** Whether it is the password; without a hash it takes as long, and is not. */
  async isRight(password: string, stored: string | undefined, signal: AbortSignal): Promise<boolean> {
    const isRight = await this.#places.run(() => isPassword(password, stored ?? this.#dummy), signal);
    return isRight && stored !== undefined;
  }

  isOutdated(stored: string): boolean {
    return isOutdated(stored, this.#cost);
  }
}

const ofConfig = new WeakMap<PasswordConfig, Passwords>();

/** The same for all requests of a process, since memory and threads are the process's. */
export function passwordsOf(config: PasswordConfig): Passwords {
  const passwords = ofConfig.get(config) ?? new Passwords(config);
  ofConfig.set(config, passwords);
  return passwords;
}
