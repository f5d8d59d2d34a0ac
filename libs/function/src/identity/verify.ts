import { verify, type KeyObject } from 'node:crypto';

import type { Caller } from '../definition/route-access.ts';
import { IDENTITY_ALGORITHM, IDENTITY_ISSUER, IDENTITY_LIFETIME_S, type IdentityClaims } from './claims.ts';
import { parseIdentityKeys } from './keys.ts';

/** Why an identity is not believed. Says nothing that its sender does not know. */
export class IdentityError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'IdentityError';
  }
}

/** Clocks of two machines are never quite the same. */
const MAX_SKEW_S = 5;
const MAX_LENGTH = 8_192;
/** A client that asks often comes with the same identity while it lives: the signature is looked at once. */
const MAX_KNOWN = 500;
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const SIGNATURE_BYTES = 64;

interface Known {
  readonly caller: Caller;
  readonly exp: number;
}

/** Believes what the gateway's keys have signed for one service, and nothing else. */
export class IdentityVerifier {
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #service: string;
  readonly #known = new Map<string, Known>();

  /** @throws EbbError EBB_CONFIG when the JWK Set is none */
  constructor(publicJwks: string, service: string) {
    this.#keys = parseIdentityKeys(publicJwks);
    this.#service = service;
  }

  /** @throws IdentityError */
  verify(token: string, nowMs: number = Date.now()): Caller {
    const now = nowMs / 1_000;
    const known = this.#known.get(token);
    if (known) {
      assertAlive(known.exp, now);
      this.#known.delete(token);
      this.#known.set(token, known);
      return known.caller;
    }
    const claims = this.#signedClaims(token);
    this.#checkClaims(claims, now);
    const caller = callerOf(claims);
    this.#remember(token, { caller, exp: claims.exp });
    return caller;
  }

  #signedClaims(token: string): Partial<IdentityClaims> {
    if (token.length > MAX_LENGTH) throw new IdentityError('the identity is too long');
    // Two headers of one name arrive as one text with a comma in it.
    if (!COMPACT.test(token)) throw new IdentityError('the identity is no compact JWT');
    const [header = '', claims = '', signature = ''] = token.split('.');
    const { alg, kid, crit } = decoded(header);
    if (alg !== IDENTITY_ALGORITHM) throw new IdentityError(`the identity must be signed with ${IDENTITY_ALGORITHM}`);
    if (crit !== undefined) throw new IdentityError('the identity asks for an extension that is not known here');
    const key = typeof kid === 'string' ? this.#keys.get(kid) : undefined;
    if (!key) throw new IdentityError('the identity is signed with a key that is not known here');
    const bytes = Buffer.from(signature, 'base64url');
    if (bytes.length !== SIGNATURE_BYTES || !verify(null, Buffer.from(`${header}.${claims}`), key, bytes)) {
      throw new IdentityError('the signature of the identity does not fit');
    }
    return decoded(claims);
  }

  #checkClaims(claims: Partial<IdentityClaims>, now: number): asserts claims is IdentityClaims {
    const { iss, aud, sub, roles, scope, act_iss: issuer, sid, exp } = claims;
    if (iss !== IDENTITY_ISSUER) throw new IdentityError('the identity is not from the gateway');
    if (aud !== this.#service) throw new IdentityError('the identity is for another service');
    const isWhole =
      isText(sub) &&
      isText(issuer) &&
      isTexts(roles) &&
      typeof scope === 'string' &&
      (sid === undefined || isText(sid));
    if (!isWhole || typeof exp !== 'number') throw new IdentityError('the identity lacks a claim');
    assertAlive(exp, now);
    if (exp > now + IDENTITY_LIFETIME_S + MAX_SKEW_S) throw new IdentityError('the identity is from the future');
  }

  #remember(token: string, known: Known): void {
    if (this.#known.size >= MAX_KNOWN) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    this.#known.set(token, known);
  }
}

function assertAlive(exp: number, now: number): void {
  if (exp + MAX_SKEW_S <= now) throw new IdentityError('the identity is expired');
}

function decoded(part: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Answered below.
  }
  throw new IdentityError('the identity is no compact JWT');
}

function callerOf({ sub, roles, scope, act_iss: issuer, sid }: IdentityClaims): Caller {
  const scopes = scope.split(' ').filter((word) => word !== '');
  return Object.freeze({
    subject: sub,
    roles: Object.freeze([...roles]),
    scopes: Object.freeze(scopes),
    issuer,
    ...(sid !== undefined && { sessionId: sid }),
  });
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}
