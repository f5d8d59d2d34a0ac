import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock, type Clock } from '@ebb/core';
import { exportSPKI, importJWK, SignJWT, UnsecuredJWT, type CryptoKey } from 'jose';
import { AUDIENCE, signingKey, TestIssuer } from './issuer.fixture.ts';
import { TokenRefusedError, type TokenProblem } from './token-problem.ts';
import { Verifier, type VerifierOptions } from './verifier.ts';

let issuer: TestIssuer;

beforeEach(async () => {
  issuer = await TestIssuer.start();
});
afterEach(() => issuer.stop());

function verifierWith(options: Partial<VerifierOptions> = {}): Verifier {
  const verifier = new Verifier({
    clockSkewMs: 30_000,
    maxTokenBytes: 8_192,
    maxRemembered: 1_000,
    keysMaxAgeMs: 600_000,
    keysMaxStaleMs: 3_600_000,
    clock: systemClock,
    logger: silentLogger,
    ...options,
  });
  verifier.trust([issuer.declaration]);
  return verifier;
}

async function problemOf(verifying: Promise<unknown>): Promise<TokenProblem> {
  const error: unknown = await verifying.then(
    () => new Error('the token was believed'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof TokenRefusedError)) throw error as Error;
  return error.problem;
}

const seconds = (fromNow: number): number => Math.floor(Date.now() / 1_000) + fromNow;
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token whose signature is computed from whatever secret, as an attacker would. */
function handMade(header: object, claims: object, secret: string | Buffer): string {
  const signed = `${encoded(header)}.${encoded(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

describe('a token', () => {
  it('says who calls', async () => {
    const token = await issuer.token({ sub: 'user-7', roles: ['admin'], scope: 'read write', sid: 'session-1' });
    await expect(verifierWith().verify(token)).resolves.toEqual({
      subject: 'user-7',
      roles: ['admin'],
      scopes: ['read', 'write'],
      issuer: 'urn:test:issuer',
      sessionId: 'session-1',
    });
  });

  it.each(['ES256', 'EdDSA'])('may be signed with %s', async (alg) => {
    await issuer.rotate(alg);
    await expect(verifierWith().verify(await issuer.token())).resolves.toMatchObject({ subject: 'user-1' });
  });

  it.each<[string, Record<string, unknown>, TokenProblem]>([
    ['has expired', { exp: seconds(-31) }, 'expired'],
    ['is of the future', { nbf: seconds(300) }, 'early'],
    ['is for others', { aud: 'elsewhere' }, 'foreign'],
    ['is for nobody', { aud: undefined }, 'foreign'],
    ['is of an issuer that nobody knows', { iss: 'urn:evil' }, 'foreign'],
    ['is of an issuer that looks like a member of every object', { iss: '__proto__' }, 'foreign'],
    ['has no issuer', { iss: undefined }, 'foreign'],
    ['is of several issuers', { iss: ['urn:test:issuer'] }, 'foreign'],
    ['never expires', { exp: undefined }, 'malformed'],
    ['expires at a text', { exp: '9999999999' }, 'malformed'],
    ['speaks of nobody', { sub: undefined }, 'malformed'],
    ['speaks of an empty subject', { sub: '' }, 'malformed'],
    ['speaks of a subject with a line break', { sub: 'a\nb' }, 'malformed'],
    ['speaks of an object', { sub: { id: 1 } }, 'malformed'],
    ['has roles that are no list', { roles: 'admin' }, 'malformed'],
    ['has a role that is no text', { roles: [{ admin: true }] }, 'malformed'],
    ['has a scope that is a number', { scope: 7 }, 'malformed'],
  ])('that %s is refused', async (_what, claims, problem) => {
    expect(await problemOf(verifierWith().verify(await issuer.token(claims)))).toBe(problem);
  });

  it('may be a little early or late, as far as clocks differ', async () => {
    const token = await issuer.token({ exp: seconds(-10), nbf: seconds(10) });
    await expect(verifierWith().verify(token)).resolves.toMatchObject({ subject: 'user-1' });
  });

  it.each([
    ['is no token', 'abc'],
    ['is empty', ''],
    ['has two parts', 'e30.e30'],
    ['has an empty signature', `${encoded({ alg: 'EdDSA' })}.${encoded({ iss: 'urn:test:issuer' })}.`],
    ['has four parts', 'e30.e30.e30.e30'],
    ['has a header that is no JSON', `AAAA.${encoded({})}.AAAA`],
    ['has a header that is a list', `${encoded([])}.${encoded({})}.AAAA`],
    ['has claims that are null', `${encoded({ alg: 'EdDSA' })}.${encoded(null)}.AAAA`],
    ['has a key id that is an object', `${encoded({ alg: 'EdDSA', kid: {} })}.${encoded({ iss: 'x' })}.AAAA`],
    ['is longer than tokens may be', `${encoded({ alg: 'EdDSA' })}.${encoded({ iss: 'x' })}.${'A'.repeat(9_000)}`],
    ['nests deeper than anybody writes', '['.repeat(500)],
  ])('that %s is malformed', async (_what, token) => {
    expect(await problemOf(verifierWith().verify(token))).toBe('malformed');
    expect(issuer.reads).toBe(0);
  });

  it('that was changed is not genuine', async () => {
    const [header, , signature] = (await issuer.token()).split('.');
    const claims = { iss: 'urn:test:issuer', aud: AUDIENCE, sub: 'admin', exp: seconds(300) };
    expect(await problemOf(verifierWith().verify(`${header}.${encoded(claims)}.${signature}`))).toBe('false');
  });

  it('of an issuer elsewhere speaks of nobody here, and has no roles that nobody gave it leave for', async () => {
    const verifier = verifierWith();
    const elsewhere = { issuer: 'urn:test:issuer', jwksUrl: issuer.url, audience: AUDIENCE };
    const token = await issuer.token({ roles: ['admin'], groups: ['support'] });
    verifier.trust([{ ...elsewhere, name: 'corp' }]);
    await expect(verifier.verify(token)).resolves.toMatchObject({ subject: 'corp|user-1', roles: [] });
    verifier.trust([{ ...elsewhere, name: 'corp', roles: 'groups' }]);
    await expect(verifier.verify(token)).resolves.toMatchObject({ subject: 'corp|user-1', roles: ['support'] });
  });
});

describe('confusion about the algorithm', () => {
  const claims = { iss: 'urn:test:issuer', aud: AUDIENCE, sub: 'admin', exp: seconds(300) };

  it.each(['none', 'None', 'NONE', 'nOnE', '', 'HS256', 'HS384', 'HS512', 'dir', 'A128KW', '__proto__'])(
    'does not get "%s" past',
    async (alg) => {
      const jwk = issuer.key.publicJwk;
      const token = handMade({ alg, kid: jwk.kid }, claims, jwk.x ?? '');
      expect(await problemOf(verifierWith().verify(token))).toBe('false');
    },
  );

  it('refuses a token without a signature', async () => {
    expect(await problemOf(verifierWith().verify(new UnsecuredJWT(claims).encode()))).toBe('malformed');
  });

  it('does not take the public key for a shared secret', async () => {
    await issuer.rotate('RS256');
    const verifier = verifierWith();
    verifier.trust([{ ...issuer.declaration, algorithms: ['RS256', 'HS256', 'none'] }]);
    const spki = await exportSPKI((await importJWK(issuer.key.publicJwk, 'RS256', { extractable: true })) as CryptoKey);
    for (const secret of [spki, spki.trim(), JSON.stringify(issuer.key.publicJwk), issuer.key.publicJwk.n ?? '']) {
      const token = handMade({ alg: 'HS256', kid: issuer.key.kid }, claims, secret);
      expect(await problemOf(verifier.verify(token))).toBe('false');
    }
    await expect(verifier.verify(await issuer.token())).resolves.toMatchObject({ subject: 'user-1' });
  });

  it('refuses a genuine token of an algorithm that the issuer does not use', async () => {
    const token = await issuer.token();
    const verifier = verifierWith();
    verifier.trust([{ ...issuer.declaration, algorithms: ['RS256'] }]);
    expect(await problemOf(verifier.verify(token))).toBe('false');
  });

  it('does not use a key for another algorithm than its own', async () => {
    const rsa = await signingKey('RS256');
    issuer.keys = [{ ...rsa.publicJwk, alg: 'PS256' }];
    const verifier = verifierWith();
    verifier.trust([{ ...issuer.declaration, algorithms: ['RS256', 'PS256'] }]);
    expect(await problemOf(verifier.verify(await issuer.token({}, { key: rsa })))).toBe('false');
  });

  it('does not use keys that are for encryption', async () => {
    issuer.keys = [{ ...issuer.key.publicJwk, use: 'enc' }];
    expect(await problemOf(verifierWith().verify(await issuer.token()))).toBe('false');
  });

  it('passes over shared secrets and private keys that somebody published', async () => {
    const secret = Buffer.alloc(32, 7);
    issuer.keys = [
      { kty: 'oct', kid: 'shared', alg: 'HS256', k: secret.toString('base64url') },
      { ...issuer.key.publicJwk, d: 'AAAA' },
    ];
    const verifier = verifierWith();
    expect(await problemOf(verifier.verify(handMade({ alg: 'HS256', kid: 'shared' }, claims, secret)))).toBe('false');
    expect(await problemOf(verifier.verify(await issuer.token()))).toBe('false');
  });
});

describe('a header of a token', () => {
  it.each(['jku', 'x5u'])('that names a place for keys (%s) sends nobody there', async (name) => {
    const evil = await TestIssuer.start();
    try {
      const token = await issuer.token({}, { key: evil.key, header: { [name]: evil.url } });
      expect(await problemOf(verifierWith().verify(token))).toBe('false');
      expect(evil.reads).toBe(0);
    } finally {
      await evil.stop();
    }
  });

  it('that brings its own key along is not believed', async () => {
    const evil = await signingKey();
    const token = await issuer.token({}, { key: { ...evil, kid: issuer.key.kid }, header: { jwk: evil.publicJwk } });
    expect(await problemOf(verifierWith().verify(token))).toBe('false');
  });

  it.each(['../../dev/null', "' OR 1=1 --", '__proto__', 'constructor', ''])(
    'with the key id %p finds no key',
    async (kid) => {
      expect(await problemOf(verifierWith().verify(await issuer.token({}, { header: { kid } })))).toBe('false');
    },
  );

  it('without a key id fits only an issuer with one key', async () => {
    const { privateKey, alg } = issuer.key;
    const claims = { iss: 'urn:test:issuer', aud: AUDIENCE, sub: 'user-1', exp: seconds(300) };
    const token = await new SignJWT(claims).setProtectedHeader({ alg }).sign(privateKey);
    await expect(verifierWith().verify(token)).resolves.toMatchObject({ subject: 'user-1' });
    issuer.keys.push((await signingKey()).publicJwk);
    expect(await problemOf(verifierWith().verify(token))).toBe('false');
  });

  it('with extensions that must be understood is refused', async () => {
    const [, claims, signature] = (await issuer.token()).split('.');
    const header = encoded({ alg: 'EdDSA', kid: issuer.key.kid, crit: ['b64'], b64: false });
    expect(await problemOf(verifierWith().verify(`${header}.${claims}.${signature}`))).toBe('false');
  });

  it.each(['secevent+jwt', 'logout+jwt', 'dpop+jwt', 7])('of another type (%p) is not an access token', async (typ) => {
    expect(await problemOf(verifierWith().verify(await issuer.token({}, { header: { typ } })))).toBe('foreign');
  });

  it.each(['JWT', 'at+jwt', 'application/at+jwt'])('of the type %s is one', async (typ) => {
    const token = await issuer.token({}, { header: { typ } });
    await expect(verifierWith().verify(token)).resolves.toMatchObject({ subject: 'user-1' });
  });
});

describe('a token that was verified', () => {
  it('is remembered until it expires, by the same caller', async () => {
    let now = Date.now();
    const clock: Clock = { ...systemClock, now: () => now };
    const verifier = verifierWith({ clock });
    const token = await issuer.token({ exp: seconds(100) });
    expect(verifier.recall(token)).toBeUndefined();
    const caller = await verifier.verify(token);
    expect(verifier.recall(token)).toBe(caller);
    now += 101_000;
    expect(verifier.recall(token)).toBeUndefined();
    now += 30_000;
    expect(await problemOf(verifier.verify(token))).toBe('expired');
  });

  it('is forgotten when its issuer is, or changes', async () => {
    const verifier = verifierWith();
    const token = await issuer.token();
    await verifier.verify(token);
    verifier.trust([issuer.declaration]);
    expect(verifier.recall(token)).toBeDefined();
    verifier.trust([{ ...issuer.declaration, audience: 'other' }]);
    expect(verifier.recall(token)).toBeUndefined();
    expect(await problemOf(verifier.verify(token))).toBe('foreign');
    verifier.trust([]);
    expect(await problemOf(verifier.verify(token))).toBe('foreign');
  });

  it('pushes older ones out when there are too many', async () => {
    const verifier = verifierWith({ maxRemembered: 2 });
    const tokens = await Promise.all(['a', 'b', 'c'].map((sub) => issuer.token({ sub })));
    for (const token of tokens) await verifier.verify(token);
    expect(tokens.map((token) => verifier.recall(token)?.subject)).toEqual([undefined, 'b', 'c']);
  });
});
