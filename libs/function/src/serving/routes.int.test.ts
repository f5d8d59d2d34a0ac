import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Secret, setting, systemClock } from '@ebb/core';
import { startTelemetry, type Telemetry } from '@ebb/telemetry';
import * as z from 'zod/mini';

import type { Caller } from '../definition/route-access.ts';
import { defineRoute } from '../definition/route.ts';
import { defineService } from '../definition/service.ts';
import { generateIdentityKeys, parseIdentityKey, signIdentity } from '../identity/index.ts';
import { send } from '../testing-fixtures/child.fixture.ts';
import { createHandler } from './handler.ts';
import { HttpServer } from './http-server.ts';

const Name = z.object({ name: z.string() });
const ok = { 200: { schema: z.unknown() } };

const routes = [
  defineRoute('GET /users/:userId', {
    summary: 'Show a user',
    params: z.object({ userId: z.string().check(z.regex(/^[a-z]{1,9}$/)) }),
    answers: ok,
    access: { owner: 'userId', roles: ['admin'] },
    handle: ({ params, caller }) => ({ status: 200, body: [params.userId, caller] }),
  }),
  defineRoute('GET /users/me', {
    summary: 'Show whoever asks',
    answers: ok,
    access: 'signed-in',
    handle: ({ caller: { subject } }) => ({ status: 200, body: subject }),
  }),
  defineRoute('GET /users', {
    summary: 'List users',
    query: z.object({
      tag: z.optional(z.array(z.string())),
      limit: z._default(z.coerce.number().check(z.maximum(9)), 5),
    }),
    headers: z.object({ 'x-tenant': z.optional(z.string().check(z.maxLength(3))) }),
    answers: ok,
    access: 'anyone',
    handle: ({ query, headers, caller }) => ({ status: 200, body: [query, headers, caller?.subject] }),
  }),
  defineRoute('POST /users', {
    summary: 'Add a user',
    body: Name,
    maxBody: 64,
    answers: { 201: { schema: Name }, 409: 'there is one of this name' },
    access: { scopes: ['users:write'] },
    handle: ({ body }) =>
      body.name === 'ada'
        ? { status: 409, extensions: { name: 'ada' }, headers: { 'x-why': 'twice' } }
        : { status: 201, body, headers: { location: '/users/x' } },
  }),
  defineRoute('DELETE /users', {
    summary: 'Remove all',
    answers: { 204: {} },
    access: { token: 'SERVICES_TOKEN' },
    settings: { SERVICES_TOKEN: setting.secret({ description: 'of services' }) },
    handle: () => ({ status: 204 }),
  }),
  defineRoute('POST /signals', {
    summary: 'Hear',
    raw: true,
    body: Name,
    answers: { 200: { contentType: 'text/plain' } },
    access: 'anyone',
    handle: ({ body, read }) => ({ status: 200, body: body.length === 0 ? 'nothing' : read().name }),
  }),
  defineRoute('GET /slow', {
    summary: 'Take too long',
    timeout: '50ms',
    answers: { 204: {} },
    access: 'anyone',
    async handle(_request, { signal }) {
      await systemClock.sleep(60_000, signal);
      return { status: 204 };
    },
  }),
  defineRoute('GET /report', {
    summary: 'A report',
    answers: { 200: { contentType: 'text/csv' } },
    access: 'anyone',
    handle: () => ({ status: 200, body: Readable.from(['a,', 'b\n']) }),
  }),
  defineRoute('GET /news', {
    summary: 'Server-sent events',
    stream: true,
    answers: { 200: { contentType: 'text/event-stream' } },
    access: 'anyone',
    handle({ response }) {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
      response.end('data: 2\n\n');
      return undefined;
    },
  }),
];

const { privateJwk, publicJwks } = generateIdentityKeys();
const key = parseIdentityKey(privateJwk);
const service = defineService('people', { routes });
let telemetry: Telemetry;
let server: HttpServer;
let port = 0;

beforeAll(async () => {
  telemetry = startTelemetry({ service: 'people', logLevel: 'silent' });
  const config = { SERVICES_TOKEN: new Secret('s3cret') };
  const handler = createHandler(service, { telemetry, config, identityKeys: publicJwks });
  server = await HttpServer.start(handler, { port: 0, host: '127.0.0.1' });
  ({ port } = server);
});
afterAll(async () => {
  await server.drain(1_000);
  await telemetry.shutdown();
});

const as = (subject: string, { roles = [], scopes = [], to = 'people' }: Partial<Caller> & { to?: string } = {}) => ({
  'ebb-identity': signIdentity(key, { subject, roles, scopes, issuer: 'urn:shop' }, to),
});
const get = (path: string, headers: Record<string, string> = {}) => send(port, 'GET', path, { headers });
const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  send(port, 'POST', path, { headers: { 'content-type': 'application/json', ...headers }, body });
const said = ({ body }: { body: string }) => JSON.parse(body) as Record<string, unknown>;

describe('a route that asks who calls', () => {
  it('answers those who may, whichever order it was defined in', async () => {
    expect(said(await get('/users/ada', as('ada')))).toMatchObject(['ada', { subject: 'ada', issuer: 'urn:shop' }]);
    expect(await get('/users/ada', as('eve', { roles: ['admin'] }))).toMatchObject({ status: 200 });
    expect(await get('/users/me', as('ada'))).toMatchObject({ status: 200, body: '"ada"' });
  });

  it.each<[string, string, Record<string, string>, number, string]>([
    ['nobody', '/users/ada', {}, 401, 'Bearer'],
    ['somebody else', '/users/ada', as('eve'), 403, 'Bearer error="insufficient_scope"'],
    ['a user of another service', '/users/ada', as('ada', { to: 'orders' }), 401, 'Bearer error="invalid_token"'],
    ['a client that says who it is', '/users/ada', { 'ebb-identity': 'ada' }, 401, 'Bearer error="invalid_token"'],
    ['a bearer token that the gateway should see', '/users/ada', { authorization: 'Bearer x' }, 401, 'Bearer'],
    ['a lie, where anyone may call', '/users', { 'ebb-identity': 'ada' }, 401, 'Bearer error="invalid_token"'],
  ])('refuses %s', async (_case, path, headers, status, challenge) => {
    const answer = await get(path, headers);
    expect(answer).toMatchObject({
      status,
      headers: { 'www-authenticate': challenge, 'content-type': 'application/problem+json' },
    });
    expect(said(answer)).toMatchObject({ status, requestId: answer.headers['x-request-id'] });
  });

  it('tells strangers nothing of what there is', async () => {
    expect(await get('/users/UPPER')).toMatchObject({ status: 401 });
    expect(await get('/users/UPPER', as('ada'))).toMatchObject({ status: 404 });
    expect(await post('/users', '{')).toMatchObject({ status: 401 });
    expect(await post('/users', '{', as('ada'))).toMatchObject({ status: 403 });
  });

  it('knows whoever is signed in where anyone may call', async () => {
    expect(said(await get('/users', as('ada')))).toEqual([{ limit: 5 }, {}, 'ada']);
  });
});

describe('a route for services', () => {
  it.each<[string, Record<string, string>, number]>([
    ['the token', { authorization: 'Bearer s3cret' }, 204],
    ['the token under another name', { authorization: 'bearer s3cret' }, 204],
    ['no token', {}, 401],
    ['another token', { authorization: 'Bearer s3cre' }, 401],
    ['another scheme', { authorization: 'Basic s3cret' }, 401],
    ['a user', as('ada', { roles: ['admin'] }), 401],
  ])('with %s', async (_case, headers, status) => {
    expect(await send(port, 'DELETE', '/users', { headers })).toMatchObject({ status });
  });
});

describe('what a route is asked', () => {
  it('is read as its schemas say', async () => {
    const answer = await get('/users?tag=a&limit=7&other=x', { 'x-tenant': 'abc' });
    expect(said(answer)).toEqual([{ tag: ['a'], limit: 7 }, { 'x-tenant': 'abc' }, null]);
    expect(said(await get('/users?tag=a&tag=b'))).toMatchObject([{ tag: ['a', 'b'], limit: 5 }, {}, null]);
    expect(await get('/users?__proto__=x&constructor=y')).toMatchObject({ status: 200 });
  });

  const write = as('ada', { scopes: ['users:write'] });
  it.each<[string, () => ReturnType<typeof get>, number, string, string[]]>([
    ['a query', () => get('/users?limit=10&tag=%00'), 400, 'query', ['/tag']],
    ['several of a query', () => get('/users?limit=10&limit=11'), 400, 'query', ['/limit']],
    ['a header', () => get('/users', { 'x-tenant': 'abcd' }), 400, 'headers', ['/x-tenant']],
    ['a body', () => post('/users', '{"name":7}', write), 422, 'body', ['/name']],
    ['a letter that is none', () => post('/users', '{"name":"a\\u0000b"}', write), 422, 'body', ['/name']],
    ['half a letter', () => post('/users', '{"name":"\\ud800"}', write), 422, 'body', ['/name']],
    ['a path', () => get('/users/%00', as('ada')), 404, 'path', ['/userId']],
  ])('is refused with the places of what does not fit: %s', async (_case, ask, status, place, paths) => {
    const answer = await ask();
    expect(answer.status).toBe(status);
    const { in: where, violations } = said(answer) as { in: string; violations: { path: string }[] };
    expect({ where, paths: violations.map(({ path }) => path) }).toEqual({ where: place, paths });
  });

  it('has a limit of its own', async () => {
    expect(await post('/users', JSON.stringify({ name: 'x'.repeat(64) }), write)).toMatchObject({ status: 413 });
    expect(await post('/users', '{"name":"bob"}', write)).toMatchObject({ status: 201 });
  });

  it('comes as bytes where it may be signed', async () => {
    expect(await post('/signals', '{"name":"bob"}', { 'content-type': 'text/plain' })).toMatchObject({ body: 'bob' });
    expect(await send(port, 'POST', '/signals')).toMatchObject({ status: 200, body: 'nothing' });
    expect(await post('/signals', '{"name":7}')).toMatchObject({ status: 422 });
    expect(await post('/signals', '{')).toMatchObject({ status: 400 });
  });

  it('has one spelling', async () => {
    expect(await get('/Users')).toMatchObject({ status: 404 });
    expect(await get('/users/')).toMatchObject({ status: 404 });
    expect(await send(port, 'PUT', '/users')).toMatchObject({
      status: 405,
      headers: { allow: 'DELETE, GET, HEAD, POST' },
    });
  });
});

describe('what a route answers', () => {
  const write = as('ada', { scopes: ['users:write'] });

  it('is what its handler returns', async () => {
    expect(await post('/users', '{"name":"bob"}', write)).toMatchObject({
      status: 201,
      body: '{"name":"bob"}',
      headers: { location: '/users/x', 'content-type': 'application/json; charset=utf-8' },
    });
  });

  it('is a problem of the meaning that it gave the status', async () => {
    const answer = await post('/users', '{"name":"ada"}', write);
    expect(answer).toMatchObject({
      status: 409,
      headers: { 'content-type': 'application/problem+json', 'x-why': 'twice' },
    });
    expect(said(answer)).toMatchObject({ detail: 'there is one of this name', name: 'ada' });
  });

  it('need not be JSON', async () => {
    const report = await get('/report');
    expect(report).toMatchObject({
      status: 200,
      body: 'a,b\n',
      headers: { 'content-type': 'text/csv; charset=utf-8' },
    });
    expect(await get('/news')).toMatchObject({ status: 200, body: 'data: 1\n\ndata: 2\n\n' });
    expect(await send(port, 'HEAD', '/users')).toMatchObject({ status: 200, body: '' });
  });

  it('is the same as before where the client has it', async () => {
    const { headers } = await get('/users');
    expect(await get('/users', { 'if-none-match': String(headers.etag) })).toMatchObject({ status: 304, body: '' });
  });

  it('does not take longer than the route may', async () => {
    expect(await get('/slow')).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  });
});

describe('a service that asks nobody', () => {
  it('does not care what a stranger says about themselves', async () => {
    const [, , list] = routes;
    const handler = createHandler(defineService('people', { routes: [list!] }), { telemetry });
    const open = await HttpServer.start(handler, { port: 0, host: '127.0.0.1' });
    const answer = await send(open.port, 'GET', '/users', { headers: { 'ebb-identity': 'ada' } });
    await open.drain(1_000);
    expect(answer).toMatchObject({ status: 200, body: '[{"limit":5},{},null]' });
  });
});
