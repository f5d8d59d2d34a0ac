import { describe, expect, it } from '@jest/globals';
import { systemClock } from '@ebb/core';
import { TestExchange, type ExchangeOptions } from '../exchange.fixture.ts';
import type { RouteLimit } from '../routing/gateway-route.ts';
import { limitPolicies } from './limit-policy.ts';
import type { DefaultLimits } from './limit-rule.ts';
import { MemoryStore } from './memory-store.ts';

let now = 0;
const clock = { ...systemClock, now: () => now };

function policiesWith(defaults: DefaultLimits = {}, maxKeys = 1_000) {
  now = 1_000_000;
  const store = new MemoryStore({ clock, maxKeys });
  const { clientLimit, userLimit } = limitPolicies(store, defaults);
  const ask = async (options: ExchangeOptions) => {
    const exchange = new TestExchange(options);
    const verdict = (await clientLimit(exchange)) ?? (await userLimit(exchange));
    return { verdict, headers: exchange.added };
  };
  return { ask, store };
}

const per = (who: RouteLimit['per'], requests: number, windowMs = 60_000): RouteLimit => ({
  per: who,
  requests,
  windowMs,
});
const caller = (subject: string, issuer = 'urn:a') => ({ subject, issuer, roles: [], scopes: [] });

describe('a limit per client', () => {
  it('lets so many through, then says when to come again, and lets them through then', async () => {
    const { ask } = policiesWith();
    const route = { limits: [per('client', 3)] };
    for (const left of [2, 1, 0]) {
      const { verdict, headers } = await ask({ route });
      expect(verdict).toBeUndefined();
      expect(headers).toEqual({
        'ratelimit-policy': '"route-client-1m";q=3;w=60',
        ratelimit: `"route-client-1m";r=${left};t=60`,
      });
    }
    now += 20_500;
    const { verdict, headers } = await ask({ route });
    expect(verdict).toMatchObject({
      reason: 'client-limit',
      problem: { status: 429, 'violated-policies': ['route-client-1m'] },
      headers: { 'retry-after': '40' },
    });
    expect(headers.ratelimit).toBe('"route-client-1m";r=0;t=40');
    now += 40_000;
    expect((await ask({ route })).verdict).toBeUndefined();
  });

  it('is one for a whole /64, and not for its neighbours', async () => {
    const { ask } = policiesWith();
    const route = { limits: [per('client', 1)] };
    expect((await ask({ route, address: '2001:db8::1' })).verdict).toBeUndefined();
    expect((await ask({ route, address: '2001:db8::ffff:1' })).verdict).toBeDefined();
    expect((await ask({ route, address: '2001:db8:0:1::1' })).verdict).toBeUndefined();
  });

  it('of one route does not count for another', async () => {
    const { ask } = policiesWith();
    const limits = [per('client', 1)];
    expect((await ask({ route: { id: 'GET /a', limits } })).verdict).toBeUndefined();
    expect((await ask({ route: { id: 'GET /b', limits } })).verdict).toBeUndefined();
    expect((await ask({ route: { id: 'GET /a', limits } })).verdict).toBeDefined();
  });

  it('by default holds for all routes together', async () => {
    const { ask } = policiesWith({ client: { requests: 2, windowMs: 1_500 } });
    const { headers } = await ask({ route: { id: 'GET /a', limits: [per('client', 9)] } });
    expect(headers['ratelimit-policy']).toBe('"client";q=2;w=2, "route-client-1m";q=9;w=60');
    expect(headers.ratelimit).toBe('"client";r=1;t=2, "route-client-1m";r=8;t=60');
    await ask({ route: { id: 'GET /b' } });
    expect((await ask({ route: { id: 'GET /c' } })).verdict).toMatchObject({
      problem: { 'violated-policies': ['client'] },
    });
  });

  it('is not there where none was asked for', async () => {
    const { ask, store } = policiesWith();
    expect(await ask({})).toEqual({ verdict: undefined, headers: {} });
    expect(store.size).toBe(0);
  });

  it('stays in bounds with a hundred thousand clients', async () => {
    const { ask, store } = policiesWith({}, 5_000);
    const route = { limits: [per('client', 1)] };
    for (let client = 0; client < 100_000; client += 1) {
      store.take([{ key: `client-${client}`, requests: 1, windowMs: 60_000 }]);
    }
    expect(store.size).toBe(5_000);
    expect((await ask({ route })).verdict).toBeUndefined();
    expect((await ask({ route })).verdict).toBeDefined();
  });
});

describe('a limit per user', () => {
  const route = { limits: [per('user', 1)] };

  it('follows them from address to address', async () => {
    const { ask } = policiesWith();
    expect((await ask({ route, caller: caller('u'), address: '192.0.2.1' })).verdict).toBeUndefined();
    expect((await ask({ route, caller: caller('u'), address: '192.0.2.2' })).verdict).toMatchObject({
      reason: 'user-limit',
    });
    expect((await ask({ route, caller: caller('v'), address: '192.0.2.1' })).verdict).toBeUndefined();
  });

  it('does not mix up users of two issuers', async () => {
    const { ask } = policiesWith();
    expect((await ask({ route, caller: caller('u', 'urn:a') })).verdict).toBeUndefined();
    expect((await ask({ route, caller: caller('u', 'urn:b') })).verdict).toBeUndefined();
  });

  it('holds for the address of those who do not say who they are', async () => {
    const { ask } = policiesWith();
    expect((await ask({ route })).verdict).toBeUndefined();
    expect((await ask({ route })).verdict).toBeDefined();
  });

  it('is told of together with those per client', async () => {
    const { ask } = policiesWith({ client: { requests: 5, windowMs: 60_000 } });
    const { headers } = await ask({ route, caller: caller('u') });
    expect(headers.ratelimit).toBe('"client";r=4;t=60, "route-user-1m";r=0;t=60');
  });
});
