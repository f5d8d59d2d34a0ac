import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpProblem, Secret, setting } from '@ebb/core';
import { defineRoute, defineService, type RouteDefinition } from '@ebb/function';
import * as z from 'zod/mini';
import { testService, type TestService } from './test-service.ts';

const User = z.object({ name: z.string(), tags: z.optional(z.array(z.object({ id: z.int() }))) });
const TOKEN = setting.secret({ description: 'of services' });

let service: TestService | undefined;
afterEach(() => service?.close());

async function serving(...routes: RouteDefinition[]): Promise<TestService> {
  const definition = defineService('people', { routes, settings: { TOKEN } });
  return (service = await testService(definition, { config: { TOKEN: new Secret('s3cret') } }));
}

/** A route whose handler answers whatever it is told to. */
const answering = (body: unknown, status = 200) =>
  defineRoute('GET /users', {
    summary: 'List users',
    answers: { 200: { schema: User }, 204: {}, 206: { contentType: 'text/csv' }, 404: 'nobody is there' },
    access: 'anyone',
    handle: () => ({ status, body }) as { status: 204 },
  });

describe('a request of the kit', () => {
  it('comes from nobody, from a caller, or from a service', async () => {
    const people = await serving(
      defineRoute('GET /me', {
        summary: 'Show whoever asks',
        answers: { 200: { schema: z.unknown() } },
        access: { roles: ['admin'], scopes: ['read'] },
        handle: ({ caller }) => ({ status: 200, body: caller }),
      }),
      defineRoute('GET /all', {
        summary: 'Show all',
        answers: { 204: {} },
        access: { token: 'TOKEN' },
        handle: () => ({ status: 204 }),
      }),
    );
    expect(await people.request('GET', '/me')).toMatchObject({ status: 401 });
    expect(await people.request('GET', '/me', { as: { subject: 'ada' } })).toMatchObject({ status: 403 });
    const ada = { subject: 'ada', roles: ['admin'], scopes: ['read'], sessionId: 's' };
    expect((await people.request('GET', '/me', { as: ada })).json()).toEqual({ ...ada, issuer: 'urn:test' });
    expect(await people.request('GET', '/all', { bearer: 's3cret' })).toMatchObject({ status: 204 });
    expect(await people.request('GET', '/all', { bearer: 'guess' })).toMatchObject({ status: 401 });
  });
});

describe('an answer that its route promises', () => {
  it.each<[string, unknown, number | undefined]>([
    ['a body of its schema', { name: 'ada', tags: [{ id: 1 }] }, undefined],
    ['no body', undefined, 204],
    ['a problem', undefined, 404],
    ['another type', 'a,b', 206],
  ])('passes: %s', async (_case, body, status = 200) => {
    const people = await serving(answering(body, status));
    expect(await people.request('GET', '/users')).toMatchObject({ status });
    expect(await people.request('HEAD', '/users')).toMatchObject({ status, text: '' });
  });

  it('and so does what the runtime answers, and what no route does', async () => {
    const people = await serving(
      defineRoute('POST /users', {
        summary: 'Add a user',
        body: User,
        answers: { 204: {} },
        access: 'anyone',
        handle: () => Promise.reject(new Error('out of order')),
      }),
    );
    expect(await people.request('POST', '/users', { body: {} })).toMatchObject({ status: 422 });
    expect(await people.request('POST', '/users', { body: { name: 'a' } })).toMatchObject({ status: 500 });
    expect(await people.request('GET', '/users')).toMatchObject({ status: 405 });
    expect(await people.request('GET', '/nothing')).toMatchObject({ status: 404 });
  });
});

describe('an answer that nobody promised', () => {
  it.each<[string, unknown, number | undefined, string]>([
    ['another status', undefined, 202, 'which its "answers" do not list'],
    ['another shape', { name: 7 }, undefined, 'with a body that does not fit: .* /name must be a string'],
    ['a secret', { name: 'ada', hash: 'x' }, undefined, 'with /hash, which its schema does not know'],
    ['a secret further down', { name: 'ada', tags: [{ id: 1, key: 'x' }] }, undefined, 'with /tags/0/key, which'],
    ['no body', undefined, undefined, 'without a body'],
  ])('fails the test: %s', async (_case, body, status = 200, message) => {
    const people = await serving(answering(body, status));
    await expect(people.request('GET', '/users')).rejects.toThrow(
      expect.objectContaining({
        code: 'EBB_DEFINITION',
        message: expect.stringMatching(new RegExp(`route "GET /users" answered .*${message}`)),
      }),
    );
  });

  it('is a problem, too', async () => {
    const people = await serving(
      defineRoute('GET /users', {
        summary: 'List users',
        answers: { 200: { schema: User }, 409: { schema: User } },
        access: 'anyone',
        handle: ({ request: { headers } }) => {
          throw new HttpProblem(Number(headers['x-status']), 'no');
        },
      }),
    );
    const ask = (status: number) => people.request('GET', '/users', { headers: { 'x-status': String(status) } });
    await expect(ask(403)).rejects.toThrow('answered 403 which its "answers" do not list');
    await expect(ask(409)).rejects.toThrow('answered 409 with a problem, but its "answers" have something else');
  });
});
