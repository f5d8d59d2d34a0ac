import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

import { EbbError, messageOf } from '@ebb/core';

/** A key of Ed25519 as a JWK (RFC 8037); the private part is `d`. */
interface IdentityJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly kid: string;
  readonly alg: 'EdDSA';
  readonly use: 'sig';
  readonly x: string;
  readonly d?: string;
}

/** What signs identities, under the name that services know its public part by. */
export interface IdentityKey {
  readonly kid: string;
  readonly key: KeyObject;
}

/** A new pair: the private JWK for whoever signs (EBB_IDENTITY_KEY), and the JWK Set for those that verify (EBB_IDENTITY_KEYS). */
export function generateIdentityKeys(): { readonly privateJwk: string; readonly publicJwks: string } {
  const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const publicJwk: IdentityJwk = { kty: 'OKP', crv: 'Ed25519', kid: thumbprintOf(x), alg: 'EdDSA', use: 'sig', x };
  return { privateJwk: JSON.stringify({ ...publicJwk, d }), publicJwks: JSON.stringify({ keys: [publicJwk] }) };
}

/**
 * The key that signs, from its JWK.
 * @throws EbbError EBB_CONFIG when it is none; its value is in no message
 */
export function parseIdentityKey(privateJwk: string): IdentityKey {
  const { kty, crv, kid, x, d } = jwkOf(jsonOf(privateJwk, 'EBB_IDENTITY_KEY'), 'EBB_IDENTITY_KEY');
  if (typeof d !== 'string') throw new EbbError('EBB_CONFIG', 'EBB_IDENTITY_KEY has no private part ("d")');
  return { kid, key: made('EBB_IDENTITY_KEY', () => createPrivateKey({ key: { kty, crv, x, d }, format: 'jwk' })) };
}

/**
 * The keys that verify, by their names, from a JWK Set.
 * @throws EbbError EBB_CONFIG when it is none
 */
export function parseIdentityKeys(publicJwks: string): ReadonlyMap<string, KeyObject> {
  const set = jsonOf(publicJwks, 'EBB_IDENTITY_KEYS');
  const keys: unknown = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined;
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new EbbError('EBB_CONFIG', 'EBB_IDENTITY_KEYS must be a JWK Set with at least one key: {"keys": [...]}');
  }
  return new Map(
    keys.map((each: unknown, at) => {
      const name = `EBB_IDENTITY_KEYS/keys/${at}`;
      const { kty, crv, kid, x } = jwkOf(each, name);
      return [kid, made(name, () => createPublicKey({ key: { kty, crv, x }, format: 'jwk' }))];
    }),
  );
}

function jsonOf(text: string, name: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new EbbError('EBB_CONFIG', `${name} is no JSON`);
  }
}

function jwkOf(value: unknown, name: string): IdentityJwk {
  const { kty, crv, kid, x } = (typeof value === 'object' && value !== null ? value : {}) as Partial<IdentityJwk>;
  if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string') {
    throw new EbbError('EBB_CONFIG', `${name} must be a JWK of Ed25519: kty OKP, crv Ed25519, x`);
  }
  if (typeof kid !== 'string' || kid === '') throw new EbbError('EBB_CONFIG', `${name} must have a "kid"`);
  return value as IdentityJwk;
}

function made(name: string, make: () => KeyObject): KeyObject {
  try {
    return make();
  } catch (error) {
    throw new EbbError('EBB_CONFIG', `${name} is no key: ${messageOf(error)}`);
  }
}

/** RFC 7638: the same key has the same name everywhere. */
function thumbprintOf(x: string): string {
  return createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
}
