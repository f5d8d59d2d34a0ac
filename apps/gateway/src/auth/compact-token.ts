import { MAX_JSON_DEPTH, parseJson, type Json } from '@ebb/core';
import { TokenRefusedError } from './token-problem.ts';

/** What a token says of itself, before anybody proved it. Only for choosing the keys to prove it with. */
export interface UnverifiedToken {
  readonly algorithm: string;
  readonly keyId: string | undefined;
  readonly issuer: string;
}

const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** Of access tokens (RFC 9068), and of issuers older than that. A token for something else, such as an ID token, may say so. */
const TYPES: ReadonlySet<string> = new Set(['jwt', 'at+jwt', 'application/jwt', 'application/at+jwt']);

/**
 * Reads a JWT's header and issuer. Where the header names a place to find a key (`jku`, `x5u`) or brings one along (`jwk`, `x5c`), nobody
 * looks: keys come from the issuer's configured address alone.
 * @throws TokenRefusedError
 */
export function peek(token: string, maxBytes: number): UnverifiedToken {
  if (token.length > maxBytes || !COMPACT.test(token)) throw new TokenRefusedError('malformed');
  const [header, payload] = token.split('.', 2).map(objectOf);
  if (header === undefined || payload === undefined) throw new TokenRefusedError('malformed');
  const { alg, kid, typ, crit } = header;
  // Extensions that must be understood: there are none that we do.
  if (crit !== undefined) throw new TokenRefusedError('false');
  if (typeof alg !== 'string' || !isTextOrAbsent(kid)) throw new TokenRefusedError('malformed');
  if (typ !== undefined && !(typeof typ === 'string' && TYPES.has(typ.toLowerCase()))) {
    throw new TokenRefusedError('foreign');
  }
  if (typeof payload.iss !== 'string') throw new TokenRefusedError('foreign');
  return { algorithm: alg, keyId: kid, issuer: payload.iss };
}

function isTextOrAbsent(value: Json | undefined): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

function objectOf(part: string): Readonly<Record<string, Json>> {
  try {
    const value = parseJson(Buffer.from(part, 'base64url').toString('utf8'), { maxDepth: MAX_JSON_DEPTH });
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, Json>>;
    }
  } catch (error) {
    throw new TokenRefusedError('malformed', { cause: error });
  }
  throw new TokenRefusedError('malformed');
}
