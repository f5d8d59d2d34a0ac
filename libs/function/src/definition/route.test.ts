import { describe, expect, it } from '@jest/globals';
import * as z from 'zod/mini';

import { ParcelLost } from '../testing-fixtures/parcels/src/events.ts';
import type { RouteTarget } from './route-options.ts';
import { defineRoute } from './route.ts';

const route = (target: RouteTarget, more: object = {}) =>
  defineRoute(target, {
    summary: 'Do it',
    answers: { 204: {} },
    access: 'anyone',
    handle: () => ({ status: 204 }),
    ...more,
  });

describe('a route', () => {
  it('has defaults that suit', () => {
    expect(route('GET /parcels/:id')).toMatchObject({
      method: 'GET',
      path: '/parcels/:id',
      gateway: true,
      limits: [],
      cache: undefined,
      maxBodyBytes: 1_048_576,
      timeoutMs: undefined,
      raw: false,
      stream: false,
    });
  });

  it('for services is closed to the gateway', () => {
    expect(route('GET /a', { access: { token: 'KEY' } }).gateway).toBe(false);
  });

  it('keeps answers for each user apart, where it asks who calls', () => {
    const cache = { maxAge: '30s' };
    expect(route('GET /a', { access: 'signed-in', cache }).cache?.per).toBe('user');
    expect(route('GET /a', { cache }).cache?.per).toBe('everyone');
  });

  it.each<[string, () => unknown, string]>([
    ['a method that is none', () => route('LIST /a' as RouteTarget), 'route "LIST /a": method must be one of GET'],
    ['more than a path', () => route('GET /a /b'), 'method must be one of'],
    ['a path with a slash at the end', () => route('GET /a/'), 'route "GET /a/": path must be'],
    ['a pattern', () => route('GET /a/*'), 'path must be'],
    ['a path of the runtime', () => route('GET /functions'), 'belongs to the runtime'],
    ['a parameter twice', () => route('GET /a/:id/b/:id'), 'path has "id" twice'],
    ['no summary', () => route('GET /a', { summary: ' ' }), 'summary must have'],
    ['no answer', () => route('GET /a', { answers: {} }), 'answers is empty'],
    ['a status that is none', () => route('GET /a', { answers: { 99: {} } }), 'answers.99 must be a status'],
    ['a success without a shape', () => route('GET /a', { answers: { 200: 'done' } }), 'answers.200 is no failure'],
    ['a body of GET', () => route('GET /a', { body: z.object({}) }), 'body is not for GET'],
    ['nobody', () => route('GET /a', { access: {} }), 'access names no role, scope or owner'],
    ['an unknown word', () => route('GET /a', { access: 'all' }), 'access must be one of anyone, signed-in'],
    ['a token and a role', () => route('GET /a', { access: { token: 'T', roles: ['a'] } }), 'asks for a token, and'],
    ['an owner that is not in the path', () => route('GET /a/:id', { access: { owner: 'me' } }), 'access.owner "me"'],
    ['a scope with a blank', () => route('GET /a', { access: { scopes: ['a b'] } }), '"a b" is no scope'],
    ['a token through the gateway', () => route('GET /a', { access: { token: 'T' }, gateway: true }), 'gateway is'],
    ['a cache of POST', () => route('POST /a', { cache: { maxAge: '1s' } }), 'cache is for GET only'],
    ['a cache of a stream', () => route('GET /a', { cache: { maxAge: '1s' }, stream: true }), 'cannot keep a stream'],
    [
      'a header in capitals',
      () => route('GET /a', { cache: { maxAge: '1s', vary: ['Accept'] } }),
      'cache.vary "Accept" must be a header in lower case',
    ],
    [
      'an event about nothing',
      () => route('GET /a', { cache: { maxAge: '1s', invalidatedBy: [{ event: ParcelLost, param: 'id' }] } }),
      'cache.invalidatedBy "id" is not in the path',
    ],
    ['a limit of nobody', () => route('GET /a', { limit: { per: 'user', requests: 1, window: '1m' } }), 'limit.per'],
    [
      'a limit of nothing',
      () => route('GET /a', { limit: [{ per: 'client', requests: 0, window: '1m' }] }),
      'limit.requests must be',
    ],
    ['a body without end', () => route('POST /a', { maxBody: 1e9 }), 'maxBody must be'],
    ['no time', () => route('GET /a', { timeout: '0s' }), 'timeout "0s" must be from'],
  ])('refuses %s, and says where', (_case, define, message) => {
    expect(define).toThrow(
      expect.objectContaining({ code: 'EBB_DEFINITION', message: expect.stringContaining(message) }),
    );
  });
});
