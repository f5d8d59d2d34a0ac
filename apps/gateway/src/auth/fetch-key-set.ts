import { EbbError } from '@ebb/core';
import { httpClient } from '@ebb/function';
import type { JSONWebKeySet, JWK } from 'jose';

const MAX_BYTES = 65_536;
const MAX_KEYS = 50;
/** Long enough for a service that has to wake first. */
const TIMEOUT_MS = 10_000;
const PUBLIC_KEY_TYPES: ReadonlySet<unknown> = new Set(['EC', 'OKP', 'RSA']);

/** Reads an issuer's public keys. @throws when there was no answer, or one that holds no keys */
export type FetchKeySet = () => Promise<JSONWebKeySet>;

/**
 * Reads the JWK Set at an address: this one and no other, redirects are not followed.
 * Shared secrets and private keys in it are passed over: nobody should publish them, and nothing may be signed with them here.
 */
export function fetchKeySetFrom(url: string): FetchKeySet {
  const { origin, pathname, search } = new URL(url);
  const client = httpClient(origin, { timeoutMs: TIMEOUT_MS, maxAnswerBytes: MAX_BYTES });
  return async () => {
    const headers = { accept: 'application/jwk-set+json, application/json' };
    const { status, json } = await client.send({ method: 'GET', path: `${pathname}${search}`, headers });
    if (status !== 200) throw new EbbError('EBB_RUNTIME', `${url} answered ${status} instead of its keys`);
    return { keys: publicKeysOf(json(), url) };
  };
}

function publicKeysOf(document: unknown, url: string): JWK[] {
  const keys = (document as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(keys) || keys.length > MAX_KEYS) {
    throw new EbbError('EBB_RUNTIME', `${url} holds no JWK Set of at most ${MAX_KEYS} keys`);
  }
  return keys.filter(isPublicKey);
}

function isPublicKey(key: unknown): key is JWK {
  return typeof key === 'object' && key !== null && PUBLIC_KEY_TYPES.has((key as JWK).kty) && !('d' in key);
}
