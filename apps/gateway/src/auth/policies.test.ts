import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '@ebb/core';
import { generateIdentityKeys, IdentityVerifier, parseIdentityKey } from '@ebb/function/identity';
import { TestExchange } from '../exchange.fixture.ts';
import type { Caller } from '../pipeline/exchange.ts';
import type { GatewayRoute } from '../routing/gateway-route.ts';
import { authenticatePolicy } from './authenticate.ts';
import { authorizePolicy } from './authorize.ts';
import { TestIssuer } from './issuer.fixture.ts';
import { Verifier } from './verifier.ts';
import { vouchPolicy } from './vouch.ts';

let issuer: TestIssuer;
let verifier: Verifier;

beforeEach(async () => {
  issuer = await TestIssuer.start();
  verifier = new Verifier({
    clockSkewMs: 0,
    maxTokenBytes: 8_192,
    maxRemembered: 100,
    keysMaxAgeMs: 600_000,
    keysMaxStaleMs: 3_600_000,
    clock: systemClock,
    logger: silentLogger,
  });
  verifier.trust([issuer.declaration]);
});
afterEach(() => issuer.stop());

async function authenticated(authorization: string | undefined, access: GatewayRoute['access'] = 'signed-in') {
  const headers = authorization === undefined ? {} : { authorization };
  const exchange = new TestExchange({ headers, route: { access } });
  const verdict = await authenticatePolicy(verifier)(exchange);
  return { exchange, verdict };
}

describe('authentication', () => {
  it('keeps the token, and knows the caller', async () => {
    const token = await issuer.token();
    const first = await authenticated(`Bearer ${token}`);
    expect(first.verdict).toBeUndefined();
    expect(first.exchange.caller?.subject).toBe('user-1');
    expect(first.exchange.forwarded).toEqual(new Map([['authorization', undefined]]));
    const second = await authenticated(`bearer   ${token}`);
    expect(second.exchange.caller).toBe(first.exchange.caller);
  });

  it('lets a request without a token on, for the access to decide', async () => {
    const { verdict, exchange } = await authenticated(undefined);
    expect(verdict).toBeUndefined();
    expect(exchange.caller).toBeUndefined();
  });

  it.each([
    [
      'a strange one',
      'Bearer eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJ1cm46ZXZpbCJ9.AA',
      'Bearer error="invalid_token", error_description="the token was not issued for this API"',
    ],
    ['a malformed one', 'Bearer x', 'Bearer error="invalid_token", error_description="the token is malformed"'],
    ['two', 'Bearer a.b.c, Bearer d.e.f', 'Bearer'],
    ['a password', 'Basic dXNlcjpwYXNz', 'Bearer'],
    ['an empty one', 'Bearer ', 'Bearer'],
  ])('refuses %s where somebody must be signed in', async (_what, authorization, challenge) => {
    const { verdict, exchange } = await authenticated(authorization);
    expect(verdict).toMatchObject({ problem: { status: 401 }, headers: { 'www-authenticate': challenge } });
    expect(exchange.caller).toBeUndefined();
    expect(exchange.forwarded.has('authorization')).toBe(true);
  });

  it('tells nothing about keys, issuers and audiences', async () => {
    const token = await issuer.token({ aud: 'other' });
    const { verdict } = await authenticated(`Bearer ${token}`);
    expect(JSON.stringify(verdict)).not.toMatch(/urn:|127\.0\.0\.1|jwks|"ebb"|other/);
  });

  it('says 503 while nobody can tell', async () => {
    issuer.answer = (_request, response) => response.writeHead(503).end();
    const { verdict } = await authenticated(`Bearer ${await issuer.token()}`);
    expect(verdict).toMatchObject({ problem: { status: 503 }, headers: { 'retry-after': '5' } });
  });
});

describe('authentication where anyone may come', () => {
  it.each(['Basic dXNlcjpwYXNz', 'Bearer opaque', 'Bearer e30.e30.e30'])(
    'lets what is no token of ours on as it came (%s)',
    async (authorization) => {
      const { verdict, exchange } = await authenticated(authorization, 'anyone');
      expect(verdict).toBeUndefined();
      expect(exchange.forwarded.has('authorization')).toBe(false);
    },
  );

  it('knows the caller of a token that is ours', async () => {
    const { verdict, exchange } = await authenticated(`Bearer ${await issuer.token()}`, 'anyone');
    expect(verdict).toBeUndefined();
    expect(exchange.caller?.subject).toBe('user-1');
    expect(exchange.forwarded.has('authorization')).toBe(true);
  });

  it('takes a token that has run out for none, so that one can sign in again', async () => {
    const token = await issuer.token({ exp: Math.floor(Date.now() / 1_000) - 10 });
    const { verdict, exchange } = await authenticated(`Bearer ${token}`, 'anyone');
    expect(verdict).toBeUndefined();
    expect(exchange.caller).toBeUndefined();
    expect(exchange.forwarded).toEqual(new Map([['authorization', undefined]]));
  });

  it('refuses a forged one', async () => {
    const token = await issuer.token();
    const { verdict } = await authenticated(`Bearer ${token.slice(0, -8)}AAAAAAAA`, 'anyone');
    expect(verdict).toMatchObject({ problem: { status: 401 } });
  });

  it('goes on while nobody can tell', async () => {
    issuer.answer = (_request, response) => response.writeHead(503).end();
    const { verdict, exchange } = await authenticated(`Bearer ${await issuer.token()}`, 'anyone');
    expect(verdict).toBeUndefined();
    expect(exchange.caller).toBeUndefined();
  });
});

const caller = (given: Partial<Caller> = {}): Caller => ({
  subject: 'user-1',
  roles: [],
  scopes: [],
  issuer: 'urn:test:issuer',
  ...given,
});

describe('access', () => {
  const params = { userId: 'user-1' };

  it.each<[GatewayRoute['access'], Caller | undefined, number | undefined]>([
    ['anyone', undefined, undefined],
    ['signed-in', undefined, 401],
    ['signed-in', caller(), undefined],
    [{ roles: ['admin'] }, caller(), 403],
    [{ roles: ['admin'] }, caller({ roles: ['user', 'admin'] }), undefined],
    [{ roles: ['admin'] }, caller({ roles: ['Admin', 'admin '] }), 403],
    [{ scopes: ['read', 'write'] }, caller({ scopes: ['read'] }), 403],
    [{ scopes: ['read', 'write'] }, caller({ scopes: ['write', 'read'] }), undefined],
    [{ owner: 'userId' }, caller(), undefined],
    [{ owner: 'userId' }, caller({ subject: 'user-2' }), 403],
    [{ owner: 'userId' }, caller({ subject: 'corp|user-1' }), 403],
    [{ owner: 'userId', roles: ['admin'] }, caller({ subject: 'user-2', roles: ['admin'] }), undefined],
    [{ owner: 'userId', scopes: ['users'] }, caller(), 403],
    [{ owner: 'nobody' }, caller(), 403],
    [{ owner: 'userId' }, undefined, 401],
  ])('%j for %j', async (access, who, status) => {
    const exchange = new TestExchange({ params, route: { access }, ...(who && { caller: who }) });
    const verdict = await authorizePolicy(exchange);
    if (status === undefined) expect(verdict).toBeUndefined();
    else
      expect(verdict).toMatchObject({
        problem: { status },
        headers: { 'www-authenticate': expect.anything() as unknown },
      });
  });
});

describe('the identity that a service is given', () => {
  const { privateJwk, publicJwks } = generateIdentityKeys();
  let now = Date.now();
  const clock = { ...systemClock, now: () => now };
  const vouch = vouchPolicy(parseIdentityKey(privateJwk), clock);

  async function identityFor(who: Caller | undefined, route: Partial<GatewayRoute> = {}): Promise<string | undefined> {
    const exchange = new TestExchange({
      headers: { 'ebb-identity': 'forged' },
      route,
      ...(who && { caller: who }),
    });
    await vouch(exchange);
    expect(exchange.forwarded.has('ebb-identity')).toBe(true);
    return exchange.forwarded.get('ebb-identity');
  }

  it('says who calls, to this service alone', async () => {
    const who = caller({ roles: ['admin'], scopes: ['a', 'b'], sessionId: 's-1' });
    const identity = await identityFor(who);
    expect(new IdentityVerifier(publicJwks, 'things').verify(identity ?? '', now)).toEqual(who);
    expect(() => new IdentityVerifier(publicJwks, 'others').verify(identity ?? '', now)).toThrow('another service');
  });

  it('serves several requests, and is renewed long before it ends', async () => {
    const who = caller();
    const first = await identityFor(who);
    now += 29_000;
    expect(await identityFor(who)).toBe(first);
    expect(await identityFor({ ...who, subject: 'user-2' })).not.toBe(first);
    now += 2_000;
    const renewed = await identityFor(who);
    expect(renewed).not.toBe(first);
    expect(new IdentityVerifier(publicJwks, 'things').verify(renewed ?? '', now + 50_000).subject).toBe('user-1');
  });

  it('is never the one that a client brings along', async () => {
    expect(await identityFor(undefined)).toBeUndefined();
    expect(await identityFor(caller(), { upstream: { name: 'https://other', url: 'https://other' } })).toBeUndefined();
  });

  it('is kept from a service whose answer is kept for everyone', async () => {
    const cache = { maxAgeMs: 1_000, vary: [], invalidatedBy: [] };
    expect(await identityFor(caller(), { cache: { ...cache, per: 'everyone' } })).toBeUndefined();
    expect(await identityFor(caller(), { cache: { ...cache, per: 'everyone' }, access: 'signed-in' })).toBeDefined();
    expect(await identityFor(caller(), { cache: { ...cache, per: 'user' } })).toBeDefined();
  });
});
