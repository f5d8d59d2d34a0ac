import { describe as group, expect, it } from '@jest/globals';
import { parseCatalogueEntry } from '@ebb/catalogue';
import { setting } from '@ebb/core';
import * as z from 'zod/mini';

import type { RouteTarget } from '../definition/route-options.ts';
import { defineRoute, type RouteDefinition } from '../definition/route.ts';
import { defineService } from '../definition/service.ts';
import { ParcelLost } from '../testing-fixtures/parcels/src/events.ts';
import { describe } from './describe.ts';

const SERVICES_TOKEN = setting.secret({ description: 'of services' });
const database = { migrations: 'migrations' };
const route = (target: RouteTarget, more: object = {}) =>
  defineRoute(target, {
    summary: 'Do it',
    answers: { 204: {} },
    access: 'anyone',
    handle: () => ({ status: 204 }),
    ...more,
  });
const entryOf = (...routes: RouteDefinition[]) =>
  describe(defineService('people', { routes, database, settings: { SERVICES_TOKEN } }));
const only = async (of: RouteDefinition) => (await entryOf(of)).routes[0]!;
const statuses = async (of: RouteDefinition) => Object.keys((await only(of)).answers).map(Number);

group('the description of a route', () => {
  it('has all that documents and the gateway need, and can be read back', async () => {
    const full = defineRoute('PATCH /users/:userId', {
      summary: 'Change a user',
      description: 'Only what is given.',
      tags: ['users'],
      deprecated: true,
      params: z.object({ userId: z.uuid() }),
      query: z.object({ dry: z._default(z.stringbool(), false) }),
      headers: z.object({ 'if-match': z.string() }),
      body: z.strictObject({ name: z.string() }),
      answers: {
        200: { schema: z.object({ name: z._default(z.string(), 'x') }), headers: { etag: 'its version' } },
        412: 'changed',
      },
      access: { owner: 'userId', roles: ['admin'] },
      limit: { per: 'user', requests: 60, window: '1m' },
      maxBody: 1_000,
      timeout: '5s',
      emits: [ParcelLost],
      handle: () => ({ status: 412 }),
    });
    const entry = await entryOf(full);
    expect(parseCatalogueEntry(JSON.parse(JSON.stringify(entry)))).toEqual(entry);
    expect(entry.routes[0]).toMatchObject({
      method: 'PATCH',
      path: '/users/:userId',
      summary: 'Change a user',
      description: 'Only what is given.',
      tags: ['users'],
      deprecated: true,
      params: { properties: { userId: { format: 'uuid' } }, required: ['userId'] },
      query: { properties: { dry: { type: 'string' } } },
      headers: { required: ['if-match'] },
      body: { additionalProperties: false, required: ['name'] },
      access: { roles: ['admin'], scopes: [], owner: 'userId' },
      gateway: true,
      limits: [{ per: 'user', requests: 60, windowMs: 60_000 }],
      maxBodyBytes: 1_000,
      timeoutMs: 5_000,
      emits: [ParcelLost.type],
    });
    const { answers, query } = entry.routes[0]!;
    expect(query).not.toHaveProperty('required');
    expect(answers['200']).toMatchObject({ headers: { etag: 'its version' }, schema: { type: 'object' } });
    expect(answers['200']?.schema).not.toHaveProperty('required');
    expect(answers['412']).toEqual({ description: 'changed', problem: true });
    expect(Object.keys(answers).map(Number)).toEqual([200, 400, 401, 403, 404, 412, 413, 415, 422, 429, 500, 503]);
  });

  it('adds what the runtime answers where it can', async () => {
    expect(await statuses(route('GET /a'))).toEqual([204, 500, 503]);
    expect(await statuses(route('GET /a', { answers: { 200: { schema: z.string() } } }))).toEqual([200, 304, 500, 503]);
    expect(await statuses(route('GET /a/:id'))).toEqual([204, 400, 404, 500, 503]);
    expect(await statuses(route('GET /a', { access: 'signed-in' }))).toEqual([204, 401, 500, 503]);
    expect(await statuses(route('GET /a', { access: { token: 'SERVICES_TOKEN' } }))).toEqual([204, 401, 500, 503]);
    expect(await statuses(route('POST /a', { raw: true }))).toEqual([204, 400, 413, 415, 500, 503]);
  });

  it('keeps what the route says of a status that the runtime gives, too', async () => {
    const own = route('GET /a', {
      answers: { 503: { schema: z.object({ reason: z.string() }), description: 'busy' } },
    });
    expect((await only(own)).answers['503']).toMatchObject({ description: 'busy', schema: { type: 'object' } });
  });

  it('hides the name of a token', async () => {
    expect((await only(route('GET /a', { access: { token: 'SERVICES_TOKEN' } }))).access).toEqual({ token: true });
  });

  it('gives parameters without a schema as texts, and none where there are none', async () => {
    expect((await only(route('GET /a/:id'))).params).toEqual({
      type: 'object',
      properties: { id: { type: 'string' } },
      required: ['id'],
    });
    expect(await only(route('GET /a'))).not.toHaveProperty('params');
  });

  it('names the events that end a cached answer, and where they are found', async () => {
    const cache = { maxAge: '30s', vary: ['accept-language'], invalidatedBy: [{ event: ParcelLost, param: 'id' }] };
    const entry = await entryOf(route('GET /a/:id', { cache }));
    expect(entry.routes[0]?.cache).toEqual({
      maxAgeMs: 30_000,
      per: 'everyone',
      vary: ['accept-language'],
      invalidatedBy: [{ type: ParcelLost.type, param: 'id' }],
    });
    expect(entry.events).toMatchObject([{ type: ParcelLost.type, topic: 'parcels' }]);
  });

  it('says who issues tokens', async () => {
    const identity = { issuer: 'urn:people', jwks: '/keys', audience: 'people' };
    expect(await describe(defineService('people', { routes: [route('GET /keys')], identity }))).toMatchObject({
      identity,
    });
  });

  it.each<[string, () => RouteDefinition, string]>([
    ['a parameter without a schema', () => route('GET /a/:id', { params: z.object({}) }), 'params has no "id"'],
    [
      'a schema without a parameter',
      () => route('GET /a', { params: z.object({ id: z.string() }) }),
      'params has "id"',
    ],
    [
      'a query that is no object',
      () => route('GET /a', { query: z.string() }),
      'query must be the schema of an object',
    ],
    ['headers in capitals', () => route('GET /a', { headers: z.object({ 'If-Match': z.string() }) }), 'in lower case'],
    ['closed headers', () => route('GET /a', { headers: z.strictObject({}) }), 'headers must be open'],
    [
      'a schema without a form in JSON',
      () => route('GET /a', { answers: { 200: { schema: z.bigint() } } }),
      'the schema of answers.200 of route "GET /a"',
    ],
  ])('refuses %s, and says where', async (_case, define, message) => {
    await expect(entryOf(define())).rejects.toThrow(
      expect.objectContaining({ code: 'EBB_DEFINITION', message: expect.stringContaining(message) }),
    );
  });
});
