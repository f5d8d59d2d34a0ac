import { describe, expect, it } from '@jest/globals';
import { setting, type DurationString } from '@ebb/core';
import { defineEvent } from '@ebb/events';
import * as z from 'zod/mini';

import { ParcelLost, ParcelWeighed } from '../testing-fixtures/parcels/src/events.ts';
import { defineFunction, type FunctionOptions } from './function.ts';
import type { RouteTarget } from './route-options.ts';
import { defineRoute } from './route.ts';
import { defineSchedule } from './schedule.ts';
import { defineService } from './service.ts';
import { defineWorker } from './worker.ts';

const handle = () => Promise.resolve();
const run = () => Promise.resolve();
const fn = (name: string, options: Partial<FunctionOptions<typeof ParcelWeighed, [], Record<string, never>>> = {}) =>
  defineFunction(name, { on: ParcelWeighed, handle, ...options });
const leased = (
  name: string,
  options: { timeout?: DurationString; lease?: DurationString; waitsFor?: [typeof ParcelWeighed] } = {},
) => defineFunction(name, { mode: 'leased', on: ParcelWeighed, handle, ...options });
const database = { migrations: 'migrations' };
const route = (target: RouteTarget, more: object = {}) =>
  defineRoute(target, {
    summary: 'Do it',
    answers: { 204: {} },
    access: 'anyone',
    handle: () => ({ status: 204 }),
    ...more,
  });

describe('a definition', () => {
  it('has defaults that suit', () => {
    expect(fn('weigh')).toMatchObject({
      timeoutMs: 30_000,
      concurrency: 10,
      order: 'ordered',
      retry: { attempts: 8, backoff: 'exponential', delayMs: 200 },
    });
    expect(defineService('two-words', { database: { migrations: 'migrations' } })).toMatchObject({
      timeoutMs: 30_000,
      database: { schema: 'two_words' },
    });
  });

  it('gives a service the settings of its functions and routes', () => {
    const COLOUR = setting.text({ description: 'of all' });
    const service = defineService('paint', {
      functions: [defineFunction('mix', { on: ParcelWeighed, settings: { COLOUR }, handle })],
      routes: [route('GET /colours', { settings: { COLOUR } })],
    });
    expect(service.settings).toEqual({ COLOUR });
  });

  it('caps every request a little after its slowest function', () => {
    expect(defineService('slow', { functions: [fn('slow', { timeout: '2m' })] }).timeoutMs).toBe(125_000);
  });

  const twin = defineEvent(ParcelLost.type, {
    topic: 'parcels',
    key: () => 'k',
    data: z.object({}),
    example: {},
  });
  const emitting = defineFunction('find', { on: ParcelWeighed, emits: [ParcelLost], handle });
  const clashing = { COLOUR: setting.text({ description: 'another' }) };

  it.each<[string, () => unknown, string]>([
    ['a name with capitals', () => fn('Weigh'), 'function "Weigh": name must be a DNS label'],
    ['a name that is too long', () => fn('w'.repeat(64)), 'name must be a DNS label'],
    [
      'an unknown duration',
      () => fn('weigh', { timeout: 'soon' as DurationString }),
      'function "weigh": timeout "soon"',
    ],
    ['no time at all', () => fn('weigh', { timeout: '0s' }), 'function "weigh": timeout "0s" must be from'],
    ['a retry without attempts', () => fn('weigh', { retry: { attempts: 0 } }), 'retry.attempts must be'],
    ['half a slot', () => fn('weigh', { concurrency: 0.5 }), 'function "weigh": concurrency must be'],
    ['no event', () => defineFunction('weigh', { on: [], handle }), 'function "weigh": on names no event'],
    ['an event twice', () => defineFunction('weigh', { on: [ParcelLost, ParcelLost], handle }), 'on has "dev.ebb'],
    [
      'a schedule with six fields',
      () => defineSchedule('s', { cron: '0 0 3 * * *', emits: ParcelLost, data: ParcelLost.example }),
      'schedule "s": cron',
    ],
    [
      'a time zone that is none',
      () =>
        defineSchedule('s', { cron: '0 3 * * *', timeZone: 'on mars', emits: ParcelLost, data: ParcelLost.example }),
      'schedule "s": timeZone "on mars"',
    ],
    [
      'two functions of one name',
      () => defineService('s', { functions: [fn('a'), fn('a')] }),
      'functions has "a" twice',
    ],
    [
      'two routes for one request',
      () => defineService('s', { routes: [route('GET /a/:id'), route('GET /a/:name')] }),
      'routes has "GET /a/:…" twice',
    ],
    [
      'less time than a route has',
      () => defineService('s', { timeout: '1s', routes: [route('GET /a', { timeout: '2s' })] }),
      'timeout 1000 ms is shorter than route "GET /a"\'s (2000 ms)',
    ],
    [
      'a token that is no secret setting',
      () => defineService('s', { routes: [route('GET /a', { access: { token: 'KEY' } })] }),
      'routes has "GET /a", whose access asks for the token in KEY: that is no secret setting',
    ],
    [
      'keys that nobody can read',
      () => defineService('s', { identity: { issuer: 'i', audience: 'a', jwks: '/keys' }, routes: [route('GET /a')] }),
      'identity.jwks must be the path of a GET route for anyone; "/keys" is not',
    ],
    [
      'two definitions of one event',
      () => defineService('s', { functions: [fn('a'), defineFunction('b', { on: [ParcelLost, twin], handle })] }),
      'on has "dev.ebb.parcels.parcel.lost.v1" twice',
    ],
    [
      'two definitions of one event in two functions',
      () =>
        defineService('s', {
          functions: [defineFunction('a', { on: ParcelLost, handle }), defineFunction('b', { on: twin, handle })],
        }),
      'events has two definitions of "dev.ebb.parcels.parcel.lost.v1"',
    ],
    [
      'events without a database',
      () => defineService('s', { functions: [emitting] }),
      'database is missing: function "find"',
    ],
    [
      'a setting of the runtime',
      () => defineService('s', { settings: { PORT: setting.port({ description: 'mine' }) } }),
      'settings.PORT belongs to the runtime',
    ],
    [
      'a setting with two definitions',
      () =>
        defineService('s', {
          settings: { COLOUR: setting.text({ description: 'one' }) },
          functions: [defineFunction('a', { on: ParcelLost, settings: clashing, handle })],
        }),
      'settings.COLOUR has two definitions',
    ],
    [
      'less time than a function has',
      () => defineService('s', { timeout: '1s', functions: [fn('a')] }),
      'timeout 1000 ms is shorter than function "a"\'s (30000 ms)',
    ],
    [
      'a lease that ends before its handler',
      () => leased('a', { timeout: '20s', lease: '10s' }),
      'lease of 10000 ms is not longer than the timeout of 20000 ms',
    ],
    [
      'a delivery that ends before its lease',
      () =>
        defineService('s', { timeout: '40s', database, functions: [leased('a', { timeout: '30s', lease: '45s' })] }),
      'they are 30000 ms, 45000 ms and 40000 ms',
    ],
    [
      'a leased function without a database',
      () => defineService('s', { functions: [leased('a')] }),
      'database is missing',
    ],
    ['to wait for what it reacts to', () => leased('a', { waitsFor: [ParcelWeighed] }), 'waitsFor has "'],
    ['more processes than allowed', () => defineService('s', { scale: { min: 3, max: 2 } }), 'scale.min is more than'],
    ['a worker without a name', () => defineWorker('', { run }), 'worker "": name'],
    [
      'a setting that comes with what a worker needs',
      () =>
        defineWorker('w', {
          catalogue: true,
          settings: { CATALOGUE_FILE: setting.text({ description: 'mine' }) },
          run,
        }),
      'settings.CATALOGUE_FILE comes with',
    ],
    [
      'a database for the worker that publishes the outboxes of others',
      () => defineWorker('w', { outboxes: true, database, run }),
      'database is not for a worker with outboxes',
    ],
  ])('refuses %s, and says where', (_case, define, message) => {
    expect(define).toThrow(
      expect.objectContaining({ code: 'EBB_DEFINITION', message: expect.stringContaining(message) }),
    );
  });
});
