import { describe, expect, it } from '@jest/globals';
import { TestExchange, type ExchangeOptions } from '../exchange.fixture.ts';
import type { Policy } from '../pipeline/exchange.ts';
import { NO_ROUTE } from '../routing/gateway-route.ts';
import { corsPolicy } from './cors-policy.ts';
import type { CorsDefaults } from './cors-rule.ts';

const APP = 'https://app.example.com';
const DEFAULTS: CorsDefaults = {
  origins: [APP],
  credentials: false,
  maxAgeMs: 600_000,
  exposedHeaders: [],
  requestHeaders: ['authorization', 'content-type', 'If-Match'],
};

async function asked(options: ExchangeOptions, defaults: Partial<CorsDefaults> = {}) {
  const exchange = new TestExchange(options);
  const policy: Policy = corsPolicy({ ...DEFAULTS, ...defaults });
  return { verdict: await policy(exchange), headers: exchange.added };
}

const preflight = (headers: Record<string, string> = {}): ExchangeOptions => ({
  method: 'OPTIONS',
  headers: { origin: APP, 'access-control-request-method': 'PATCH', ...headers },
});

describe('a preflight', () => {
  it('of an origin that may is answered with what it asked for', async () => {
    const { verdict, headers } = await asked(
      preflight({ 'access-control-request-headers': 'Content-Type,if-match, authorization' }),
    );
    expect(verdict).toEqual({ kind: 'answer', status: 204, headers: {} });
    expect(headers).toEqual({
      vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
      'access-control-allow-origin': APP,
      'access-control-allow-methods': 'PATCH',
      'access-control-allow-headers': 'content-type, if-match, authorization',
      'access-control-max-age': '600',
    });
  });

  it.each([
    'https://evil.example.com',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://app.example.com.evil.com',
    'https://APP.example.com',
    'https://app.example.com/',
    'null',
    '*',
    '',
  ])('of the origin %p is refused', async (origin) => {
    const { verdict, headers } = await asked(preflight({ origin }));
    expect(verdict).toMatchObject({ reason: 'cors', problem: { status: 403 } });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('for a header that scripts may not send is refused', async () => {
    const { verdict } = await asked(preflight({ 'access-control-request-headers': 'x-forwarded-for' }));
    expect(verdict).toMatchObject({ reason: 'cors', problem: { status: 403 } });
  });

  it('for a route that there is not goes on, and finds nothing', async () => {
    const exchange = new TestExchange(preflight());
    const policy = corsPolicy(DEFAULTS);
    expect(await policy(Object.assign(exchange, { route: NO_ROUTE }))).toBeUndefined();
  });

  it('is no other OPTIONS', async () => {
    expect((await asked({ method: 'OPTIONS', headers: { origin: APP } })).verdict).toBeUndefined();
  });
});

describe('any other request', () => {
  it('of an origin that may lets its script read the answer', async () => {
    const { verdict, headers } = await asked({ headers: { origin: APP } });
    expect(verdict).toBeUndefined();
    expect(headers['access-control-allow-origin']).toBe(APP);
    expect(headers['access-control-expose-headers']).toContain('etag');
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
  });

  it('of another origin is answered, but its script cannot read that', async () => {
    const { verdict, headers } = await asked({ headers: { origin: 'https://evil.example.com' } });
    expect(verdict).toBeUndefined();
    expect(headers).toEqual({ vary: 'Origin' });
  });

  it('without an origin says that the answer depends on it', async () => {
    expect((await asked({})).headers).toEqual({ vary: 'Origin' });
  });
});

describe('origins', () => {
  it('may be every one, without credentials', async () => {
    const { headers } = await asked({ headers: { origin: 'https://anywhere' } }, { origins: ['*'] });
    expect(headers['access-control-allow-origin']).toBe('*');
    expect(headers).not.toHaveProperty('vary');
  });

  it('are never every one with credentials', async () => {
    const open = { origins: ['*', APP], credentials: true };
    expect((await asked({ headers: { origin: 'https://anywhere' } }, open)).headers).toEqual({ vary: 'Origin' });
    expect((await asked({ headers: { origin: '*' } }, open)).headers).toEqual({ vary: 'Origin' });
    expect((await asked({ headers: { origin: APP } }, open)).headers).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-credentials': 'true',
    });
  });

  it('of a route count instead of the others', async () => {
    const cors = { origins: ['https://own.test'], credentials: false, maxAgeMs: 1_000, exposedHeaders: ['X-Total'] };
    const { headers } = await asked({ headers: { origin: 'https://own.test' }, route: { cors } });
    expect(headers['access-control-allow-origin']).toBe('https://own.test');
    expect(headers['access-control-expose-headers']).toContain('x-total');
    expect((await asked({ headers: { origin: APP }, route: { cors } })).headers).toEqual({ vary: 'Origin' });
  });

  it('may be none at all', async () => {
    expect((await asked({ headers: { origin: APP } }, { origins: [] })).headers).toEqual({ vary: 'Origin' });
  });
});
