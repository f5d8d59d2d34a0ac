import { hash } from 'node:crypto';
import type { Clock, Logger } from '@ebb/core';
import { errors, jwtVerify, type JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../pipeline/exchange.ts';
import type { Issuer } from '../routing/gateway-route.ts';
import { algorithmsOf } from './algorithms.ts';
import { callerOf } from './caller-of.ts';
import { peek, type UnverifiedToken } from './compact-token.ts';
import { fetchKeySetFrom } from './fetch-key-set.ts';
import { KeySet, type KeySnapshot } from './key-set.ts';
import { TokenRefusedError, type TokenProblem } from './token-problem.ts';

export interface VerifierOptions {
  /** How far an issuer's clock may be from ours. */
  readonly clockSkewMs: number;
  readonly maxTokenBytes: number;
  /** Verified tokens that are remembered. */
  readonly maxRemembered: number;
  readonly keysMaxAgeMs: number;
  readonly keysMaxStaleMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface TrustedIssuer {
  readonly issuer: Issuer;
  readonly algorithms: readonly string[];
  readonly keys: KeySet;
}

interface Remembered {
  readonly caller: Caller;
  readonly expiresAtMs: number;
  readonly by: TrustedIssuer;
  readonly snapshot: KeySnapshot;
}

/** Verifies access tokens of the issuers that it was told of. */
export class Verifier {
  readonly #options: VerifierOptions;
  readonly #remembered: LRUCache<string, Remembered>;
  #issuers: ReadonlyMap<string, TrustedIssuer> = new Map();

  constructor(options: VerifierOptions) {
    this.#options = options;
    this.#remembered = new LRUCache({ max: options.maxRemembered });
  }

  /** From now on these are believed, and no others. The keys of issuers that stay the same stay known. */
  trust(issuers: readonly Issuer[]): void {
    const trusted = new Map<string, TrustedIssuer>();
    for (const issuer of issuers) {
      if (trusted.has(issuer.issuer)) {
        this.#options.logger.error({ issuer: issuer.issuer }, 'an issuer is declared twice: the first one counts');
        continue;
      }
      const known = this.#issuers.get(issuer.issuer);
      const isSame = known !== undefined && JSON.stringify(known.issuer) === JSON.stringify(issuer);
      trusted.set(issuer.issuer, isSame ? known : this.#trusted(issuer));
    }
    this.#issuers = trusted;
  }

  /** Whether a token claims to be of an issuer that is believed; it proves nothing. @throws TokenRefusedError */
  isOurs(token: string): boolean {
    return this.#issuers.has(peek(token, this.#options.maxTokenBytes).issuer);
  }

  /** Who a token that is remembered speaks of: always the same object while it is. */
  recall(token: string): Caller | undefined {
    const known = this.#remembered.get(fingerprintOf(token));
    if (!known) return undefined;
    const { by, snapshot, expiresAtMs } = known;
    // Past its time it is verified once more, which knows of clocks that differ.
    if (expiresAtMs <= this.#options.clock.now()) return undefined;
    return this.#issuers.get(by.issuer.issuer) === by && by.keys.isCurrent(snapshot) ? known.caller : undefined;
  }

  /** @throws TokenRefusedError · KeysAwayError */
  async verify(token: string): Promise<Caller> {
    const unverified = peek(token, this.#options.maxTokenBytes);
    const by = this.#issuers.get(unverified.issuer);
    if (!by) throw new TokenRefusedError('foreign');
    if (!by.algorithms.includes(unverified.algorithm)) throw new TokenRefusedError('false');
    const { key, snapshot } = await by.keys.keyFor(headerOf(unverified));
    const payload = await this.#payloadOf(token, by, key);
    const caller = callerOf(payload, by.issuer);
    const expiresAtMs = (payload.exp ?? 0) * 1_000;
    this.#remembered.set(fingerprintOf(token), { by, snapshot, caller, expiresAtMs });
    return caller;
  }

  async #payloadOf(token: string, by: TrustedIssuer, key: Parameters<typeof jwtVerify>[1]): Promise<JWTPayload> {
    const { issuer, audience } = by.issuer;
    const { clock, clockSkewMs } = this.#options;
    try {
      const { payload } = await jwtVerify(token, key, {
        issuer,
        audience,
        algorithms: [...by.algorithms],
        clockTolerance: clockSkewMs / 1_000,
        currentDate: new Date(clock.now()),
        requiredClaims: ['exp', 'sub', 'iss', 'aud'],
      });
      return payload;
    } catch (error) {
      throw new TokenRefusedError(problemOf(error), { cause: error });
    }
  }

  #trusted(issuer: Issuer): TrustedIssuer {
    const { keysMaxAgeMs, keysMaxStaleMs, clock, logger } = this.#options;
    const keys = new KeySet({
      issuer: issuer.issuer,
      fetch: fetchKeySetFrom(issuer.jwksUrl),
      maxAgeMs: keysMaxAgeMs,
      maxStaleMs: keysMaxStaleMs,
      clock,
      logger,
    });
    return { issuer, algorithms: algorithmsOf(issuer.algorithms), keys };
  }
}

function headerOf({ algorithm, keyId }: UnverifiedToken): { alg: string; kid?: string } {
  return { alg: algorithm, ...(keyId !== undefined && { kid: keyId }) };
}

function fingerprintOf(token: string): string {
  return hash('sha256', token, 'base64url');
}

function problemOf(error: unknown): TokenProblem {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (!(error instanceof errors.JWTClaimValidationFailed)) return 'false';
  if (error.claim === 'nbf' && error.reason === 'check_failed') return 'early';
  return error.claim === 'aud' || error.claim === 'iss' ? 'foreign' : 'malformed';
}
