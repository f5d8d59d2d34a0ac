import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';

import type { Caller } from '../definition/route-access.ts';
import { IDENTITY_LIFETIME_S } from './claims.ts';
import { generateIdentityKeys, parseIdentityKey, parseIdentityKeys, type IdentityKey } from './keys.ts';
import { signIdentity } from './sign.ts';
import { IdentityError, IdentityVerifier } from './verify.ts';

const NOW_MS = 1_800_000_000_000;
const NOW_S = NOW_MS / 1_000;
const ADA: Caller = {
  subject: 'ada',
  roles: ['admin'],
  scopes: ['users:read', 'users:write'],
  issuer: 'urn:shop',
  sessionId: 's-1',
};

const { privateJwk, publicJwks } = generateIdentityKeys();
const key = parseIdentityKey(privateJwk);
let verifier: IdentityVerifier;
beforeEach(() => {
  verifier = new IdentityVerifier(publicJwks, 'accounts');
});

type Part = Readonly<Record<string, unknown>>;
const HEADER: Part = { alg: 'EdDSA', typ: 'JWT', kid: key.kid };
const CLAIMS: Part = {
  iss: 'ebb-gateway',
  aud: 'accounts',
  sub: 'ada',
  roles: [],
  scope: '',
  act_iss: 'urn:shop',
  iat: NOW_S,
  exp: NOW_S + IDENTITY_LIFETIME_S,
};
const encoded = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** What somebody with the key, or with another one, could write. */
function forged(header: Part, claims: unknown, by: IdentityKey['key'] = key.key): string {
  const signed = `${encoded(header)}.${encoded(claims)}`;
  return `${signed}.${sign(null, Buffer.from(signed), by).toString('base64url')}`;
}

const verify = (token: string, nowMs = NOW_MS) => verifier.verify(token, nowMs);

describe('an identity', () => {
  it('says who calls', () => {
    expect(verify(signIdentity(key, ADA, 'accounts', NOW_MS))).toEqual(ADA);
  });

  it('is for one service', () => {
    expect(() => verify(signIdentity(key, ADA, 'orders', NOW_MS))).toThrow('for another service');
  });

  it('lives for a minute, and a few seconds for clocks that differ, also when it is known already', () => {
    const token = signIdentity(key, ADA, 'accounts', NOW_MS);
    expect(verify(token, NOW_MS + 64_000)).toEqual(ADA);
    expect(() => verify(token, NOW_MS + 66_000)).toThrow('expired');
    expect(verify(token, NOW_MS - 4_000)).toEqual(ADA);
  });

  it('is believed while old and new keys are both known', () => {
    const other = generateIdentityKeys();
    const keys = [publicJwks, other.publicJwks].flatMap((set) => (JSON.parse(set) as { keys: unknown[] }).keys);
    verifier = new IdentityVerifier(JSON.stringify({ keys }), 'accounts');
    for (const each of [key, parseIdentityKey(other.privateJwk)]) {
      expect(verify(signIdentity(each, ADA, 'accounts', NOW_MS))).toEqual(ADA);
    }
  });

  it('is remembered, but not without end', () => {
    const tokens = Array.from({ length: 600 }, (_, n) =>
      signIdentity(key, { ...ADA, subject: `u-${n}` }, 'accounts', NOW_MS),
    );
    for (const [n, token] of [...tokens, ...tokens].entries()) {
      expect(verify(token).subject).toBe(`u-${n % tokens.length}`);
    }
  });

  const stranger = generateKeyPairSync('ed25519').privateKey;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const [header, claims, signature] = forged(HEADER, CLAIMS).split('.') as [string, string, string];
  const publicX = (JSON.parse(publicJwks) as { keys: [{ x: string }] }).keys[0].x;
  const hmacOf = (secret: string | Buffer): string => {
    const signed = `${encoded({ ...HEADER, alg: 'HS256' })}.${encoded(CLAIMS)}`;
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  };
  const rsaSigned = (): string => {
    const signed = `${encoded({ ...HEADER, alg: 'RS256' })}.${encoded(CLAIMS)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), rsa).toString('base64url')}`;
  };

  it.each<[string, string]>([
    ['without a signature', `${encoded({ alg: 'none' })}.${encoded(CLAIMS)}.`],
    ['with "none" and a signature', forged({ ...HEADER, alg: 'none' }, CLAIMS)],
    ['with "None" in capitals', forged({ ...HEADER, alg: 'NONE' }, CLAIMS)],
    ['whose public key is taken for a secret', hmacOf(publicX)],
    ['whose JWK Set is taken for a secret', hmacOf(publicJwks)],
    ['of another algorithm', rsaSigned()],
    ['of another key under the same name', forged(HEADER, CLAIMS, stranger)],
    ['of a key that nobody knows', forged({ ...HEADER, kid: 'mine' }, CLAIMS, stranger)],
    ['of a key without a name', forged({ alg: 'EdDSA' }, CLAIMS)],
    [
      'that brings its own key',
      forged({ ...HEADER, kid: 'x', jwk: stranger.export({ format: 'jwk' }) }, CLAIMS, stranger),
    ],
    ['with an extension that is critical', forged({ ...HEADER, crit: ['exp'] }, CLAIMS)],
    ['with other claims than were signed', `${header}.${encoded({ ...CLAIMS, roles: ['admin'] })}.${signature}`],
    ['with another header than was signed', `${encoded({ ...HEADER, typ: 'X' })}.${claims}.${signature}`],
    ['with half a signature', `${header}.${claims}.${signature.slice(0, 40)}`],
    ['with a longer signature', `${header}.${claims}.${signature}AAAA`],
    ['from somebody else', forged(HEADER, { ...CLAIMS, iss: 'urn:shop' })],
    ['for everybody', forged(HEADER, { ...CLAIMS, aud: ['accounts', 'orders'] })],
    ['for nobody', forged(HEADER, { ...CLAIMS, aud: undefined })],
    ['of nobody', forged(HEADER, { ...CLAIMS, sub: '' })],
    ['of a number', forged(HEADER, { ...CLAIMS, sub: 7 })],
    ['whose roles are a text', forged(HEADER, { ...CLAIMS, roles: 'admin' })],
    ['whose scopes are a list', forged(HEADER, { ...CLAIMS, scope: ['a'] })],
    ['that is expired', forged(HEADER, { ...CLAIMS, exp: NOW_S - 6 })],
    ['that never expires', forged(HEADER, { ...CLAIMS, exp: undefined })],
    ['that expires at a text', forged(HEADER, { ...CLAIMS, exp: '9999999999' })],
    ['that expires much later', forged(HEADER, { ...CLAIMS, exp: NOW_S + 3_600 })],
    ['whose claims are a list', forged(HEADER, [CLAIMS])],
    ['whose claims are null', forged(HEADER, null)],
    ['that is no JWT', 'ada'],
    ['with four parts', `${header}.${claims}.${signature}.x`],
    ['with two headers, which arrive as one', `${header}.${claims}.${signature}, ${header}.${claims}.${signature}`],
    ['with a blank around it', ` ${header}.${claims}.${signature}`],
    ['that is empty', ''],
    ['that is huge', forged(HEADER, { ...CLAIMS, roles: ['x'.repeat(8_192)] })],
  ])('%s is not believed', (_case, token) => {
    expect(() => verify(token)).toThrow(IdentityError);
  });
});

describe('the keys of identities', () => {
  it('are found by their names, without their private part', () => {
    const keys = parseIdentityKeys(publicJwks);
    expect([...keys.keys()]).toEqual([key.kid]);
    expect(publicJwks).not.toContain('"d"');
    const both = parseIdentityKeys(JSON.stringify({ keys: [JSON.parse(privateJwk)] }));
    expect(both.get(key.kid)?.type).toBe('public');
  });

  const jwk = JSON.parse(privateJwk) as Record<string, unknown>;
  it.each<[string, () => unknown, string]>([
    ['no JSON', () => parseIdentityKeys('x'), 'EBB_IDENTITY_KEYS is no JSON'],
    ['no set', () => parseIdentityKeys('[]'), 'must be a JWK Set'],
    ['an empty set', () => parseIdentityKeys('{"keys":[]}'), 'with at least one key'],
    ['another kind of key', () => parseIdentityKeys('{"keys":[{"kty":"RSA"}]}'), 'keys/0 must be a JWK of Ed25519'],
    ['no name', () => parseIdentityKeys(JSON.stringify({ keys: [{ ...jwk, kid: undefined }] })), 'must have a "kid"'],
    ['half a key', () => parseIdentityKeys(JSON.stringify({ keys: [{ ...jwk, x: 'AA' }] })), 'keys/0 is no key'],
    ['the public part', () => parseIdentityKey(JSON.stringify({ ...jwk, d: undefined })), 'no private part'],
    [
      'a broken private part',
      () => parseIdentityKey(JSON.stringify({ ...jwk, d: 'AA' })),
      'EBB_IDENTITY_KEY is no key',
    ],
  ])('are refused: %s', (_case, parse, message) => {
    expect(parse).toThrow(expect.objectContaining({ code: 'EBB_CONFIG', message: expect.stringContaining(message) }));
    expect(parse).not.toThrow(String(jwk.d));
  });
});
