import { describe, expect, it } from '@jest/globals';
import type { CatalogueEntry, RouteEntry } from '@ebb/catalogue';
import { Validator } from '@seriousme/openapi-schema-validator';
import fc from 'fast-check';

import { GATEWAY_ANSWERS, isPublic, openApiOf } from './index.ts';

const options = { title: 'Shop', version: '1.2.3' };

const route = (method: RouteEntry['method'], path: string, more: Partial<RouteEntry> = {}): RouteEntry => ({
  ...{ method, path, summary: `${method} ${path}` },
  answers: { 200: { description: 'what was asked for' } },
  access: 'anyone',
  gateway: true,
  limits: [],
  maxBodyBytes: 1_000,
  timeoutMs: 1_000,
  ...{ raw: false, stream: false, emits: [] },
  ...more,
});

const service = (name: string, routes: readonly RouteEntry[]): CatalogueEntry => ({
  ...{ kind: 'service', name, version: '0.1.0', functions: [], routes, schedules: [], events: [] },
  ...{ outboxes: false, settings: [], scale: { timeoutMs: 30_000 } },
});

const userSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'User',
  type: 'object',
  properties: { title: { type: 'string' }, userId: { type: 'string' } },
  required: ['userId'],
};

const idOf = (path: string) => {
  const params = { type: 'object', properties: { userId: { type: 'string', format: 'uuid' } }, required: ['userId'] };
  return path.includes(':userId') ? { params } : {};
};

const accounts = service('accounts', [
  route('PATCH', '/users/:userId', {
    ...idOf('/users/:userId'),
    headers: { type: 'object', properties: { 'if-match': { type: 'string', description: 'an ETag' } } },
    body: { ...userSchema, title: 'UserChange' },
    access: { roles: ['admin'], scopes: ['users:write'], owner: 'userId' },
    limits: [{ per: 'user', requests: 60, windowMs: 60_000 }],
    answers: {
      200: { description: '', schema: userSchema, headers: { etag: 'its version' } },
      412: { description: 'somebody was faster', problem: true },
    },
  }),
  route('GET', '/users/:userId', {
    ...idOf('/users/:userId'),
    answers: { 200: { description: 'the user', schema: userSchema } },
  }),
  route('GET', '/contacts/:userId', { ...idOf('/contacts/:userId'), access: { token: true }, gateway: false }),
]);

const isValid = async (document: object) => {
  const result = await new Validator().validate(structuredClone(document) as Record<string, unknown>);
  return result.valid ? 'valid' : result.errors;
};

describe('openApiOf', () => {
  it('writes operations that OpenAPI knows', async () => {
    const document = openApiOf([accounts], { ...options, further: GATEWAY_ANSWERS });
    expect(await isValid(document)).toBe('valid');
    expect(document.paths['/users/{userId}']?.patch).toMatchObject({
      operationId: 'patchUsersByUserId',
      tags: ['accounts'],
      security: [{ bearer: [] }],
      parameters: [
        { name: 'userId', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
        { name: 'if-match', in: 'header', required: false, description: 'an ETag' },
      ],
      requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/UserChange' } } } },
    });
  });

  it('says who may call, and how often', () => {
    const { description } = openApiOf([accounts], options).paths['/users/{userId}']!.patch!;
    expect(description).toContain('the user that `userId` names, or who has the role admin');
    expect(description).toContain('the scope users:write');
    expect(description).toContain('60 requests per user');
  });

  it('answers every failure with a problem', () => {
    const { responses } = openApiOf([accounts], { ...options, further: GATEWAY_ANSWERS }).paths['/users/{userId}']!
      .patch!;
    expect(Object.keys(responses)).toEqual(['200', '400', '412', '429', '502', '503', '504']);
    for (const status of ['412', '504']) {
      expect(responses[status]?.content).toEqual({
        'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
      });
    }
    expect(responses['200']?.headers).toMatchObject({ etag: { description: 'its version' } });
  });

  it('writes a schema with a title once', () => {
    const { components, paths } = openApiOf([accounts], options);
    expect(Object.keys(components.schemas)).toEqual(['Problem', 'User', 'UserChange']);
    expect(components.schemas.User).not.toHaveProperty('$schema');
    expect(components.schemas.User).toMatchObject({ properties: { title: { type: 'string' } } });
    expect(paths['/users/{userId}']?.get?.responses['200']?.content).toEqual({
      'application/json': { schema: { $ref: '#/components/schemas/User' } },
    });
  });

  it('keeps apart what two services give one title', async () => {
    const other = service('club', [
      route('GET', '/members', { answers: { 200: { description: '', schema: { title: 'User', type: 'string' } } } }),
    ]);
    const document = openApiOf([accounts, other], options);
    const { User, User2 } = document.components.schemas;
    expect([User?.type, User2?.type].toSorted()).toEqual(['object', 'string']);
    expect(await isValid(document)).toBe('valid');
  });

  it('turns references to where schemas are now, also in a tree of its own kind', async () => {
    const tree = {
      title: 'Tree',
      type: 'object',
      properties: { leaf: { $ref: '#/$defs/Leaf' }, children: { type: 'array', items: { $ref: '#' } } },
      $defs: { Leaf: { type: 'string', const: { $ref: '#' } } },
    };
    const forest = service('forest', [
      route('GET', '/trees', { answers: { 200: { description: '', schema: tree } } }),
      route('GET', '/leaves', {
        answers: {
          200: {
            description: '',
            schema: { type: 'array', items: { $ref: '#/$defs/Leaf' }, $defs: { Leaf: { type: 'number' } } },
          },
        },
      }),
    ]);
    const { components } = openApiOf([forest], options);
    expect(components.schemas.Leaf).toEqual({ type: 'number' });
    expect(components.schemas.Tree).toMatchObject({
      properties: {
        leaf: { $ref: '#/components/schemas/Leaf2' },
        children: { items: { $ref: '#/components/schemas/Tree' } },
      },
    });
    expect(components.schemas.Leaf2).toEqual({ type: 'string', const: { $ref: '#' } });
    expect(await isValid(openApiOf([forest], options))).toBe('valid');
  });

  it('leaves out what is not asked for', () => {
    const paths = Object.keys(openApiOf([accounts], { ...options, includes: isPublic }).paths);
    expect(paths).toEqual(['/users/{userId}']);
  });

  it('takes a body as it is where the route does', async () => {
    const document = openApiOf([service('payments', [route('POST', '/hooks', { raw: true })])], options);
    expect(document.paths['/hooks']?.post?.requestBody).toEqual({ required: true, content: { '*/*': {} } });
    expect(await isValid(document)).toBe('valid');
  });

  it('refuses two services with one address, whatever their parameters are called', () => {
    const twin = service('people', [route('GET', '/users/:id')]);
    expect(() => openApiOf([accounts, twin], options)).toThrow(
      /accounts.*GET \/users\/:userId.*people|people.*accounts/s,
    );
  });

  it('gives the same document however the entries are sorted, and each operation an id of its own', () => {
    const segment = fc.constantFrom('users', ':userId', 'a-b', 'ab', 'v1.0', 'x');
    const paths = fc.uniqueArray(fc.array(segment, { minLength: 1, maxLength: 3 }), {
      selector: (segments) => segments.join('/'),
      maxLength: 6,
    });
    fc.assert(
      fc.property(paths, (all) => {
        const entries = all.map((segments, nth) =>
          service(`service-${nth}`, [route('GET', `/${segments.join('/')}`), route('POST', `/${segments.join('/')}`)]),
        );
        const document = openApiOf(entries, options);
        expect(openApiOf(entries.toReversed(), options)).toEqual(document);
        const ids = Object.values(document.paths).flatMap((item) =>
          Object.values(item).map((each) => each.operationId),
        );
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });
});
