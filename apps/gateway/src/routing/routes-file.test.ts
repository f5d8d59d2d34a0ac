import { describe, expect, it } from '@jest/globals';
import { SchemaViolationError } from '@ebb/core';
import { parseRoutesFile } from './routes-file.ts';

const TEMPLATE = 'http://{service}.localhost:8080';

function violationsOf(file: string): Readonly<Record<string, string>> {
  try {
    parseRoutesFile(file, TEMPLATE);
  } catch (error) {
    if (!(error instanceof SchemaViolationError)) throw error;
    return Object.fromEntries(error.violations.map(({ path, message }) => [path, message]));
  }
  return {};
}

describe('the routes file', () => {
  it('says where requests go, and under which conditions', () => {
    const { routes, issuers } = parseRoutesFile(
      `
routes:
  - path: /legacy
    prefix: true
    methods: [GET, POST]
    to: https://legacy.example.com/base/
    stripPrefix: /legacy
    access: { roles: [admin] }
    limits: [{ per: client, requests: 60, window: 1m }]
    timeout: 5s
    maxBody: 1000
    cors: { origins: ['https://app.example.com'], credentials: true }
  - path: /my-orders/:userId
    service: orders
    access: { owner: userId }
    cache: { maxAge: 30s, per: user }
issuers:
  - { issuer: 'https://id.example.com', jwks: 'https://id.example.com/keys', audience: ebb, name: partner }
`,
      TEMPLATE,
    );
    expect(routes[0]).toMatchObject({
      id: 'GET,POST /legacy/**',
      prefix: true,
      stripPrefix: '/legacy',
      upstream: { name: 'https://legacy.example.com', url: 'https://legacy.example.com/base' },
      limits: [{ per: 'client', requests: 60, windowMs: 60_000 }],
      timeoutMs: 5_000,
      maxBodyBytes: 1_000,
      cors: { origins: ['https://app.example.com'], credentials: true, maxAgeMs: 600_000 },
    });
    expect(routes[1]).toMatchObject({
      methods: ['GET'],
      upstream: { name: 'orders', service: 'orders', url: 'http://orders.localhost:8080' },
      cache: { maxAgeMs: 30_000, per: 'user', vary: [], invalidatedBy: [] },
      stream: false,
    });
    expect(issuers).toEqual([
      { issuer: 'https://id.example.com', jwksUrl: 'https://id.example.com/keys', audience: 'ebb', name: 'partner' },
    ]);
  });

  it('takes a webhook', () => {
    const file =
      'routes: [{ path: /hooks/pay, methods: [POST], access: anyone, webhook: { event: a.b, secret: PAY } }]';
    expect(parseRoutesFile(file, TEMPLATE).routes[0]).toMatchObject({ webhook: { event: 'a.b', secret: 'PAY' } });
  });

  it('may be empty', () => {
    expect(parseRoutesFile('', TEMPLATE)).toEqual({ routes: [], issuers: [] });
  });

  it('is refused with every mistake at its place', () => {
    const violations = violationsOf(`
routes:
  - { path: users, to: 'https://a.example', access: anyone }
  - { path: '/:id/:id', to: 'ftp://a.example', access: everybody }
  - { path: /x, access: anyone }
  - { path: /x, to: 'https://a.example', service: b, access: anyone }
  - { path: /x, to: 'https://a.example', access: anyone, methods: [GET, TRACE], timeout: soon, timeOut: 1s }
  - { path: /x, to: 'https://a.example', access: { owner: userId }, stripPrefix: /y }
  - { path: /x, to: 'https://a.example', access: anyone, cors: { origins: ['*'], credentials: true } }
  - { path: /x, to: 'https://a.example', access: anyone, methods: [POST], cache: { maxAge: 1s } }
  - { path: /x, webhook: { event: a, secret: S }, access: signed-in, methods: [GET] }
`);
    expect(violations).toMatchObject({
      '/routes/0/path': expect.stringContaining('slash') as unknown,
      '/routes/1/path': expect.stringContaining('twice') as unknown,
      '/routes/1/to': expect.stringContaining('http') as unknown,
      '/routes/1/access': expect.any(String) as unknown,
      '/routes/2': expect.stringContaining('one of') as unknown,
      '/routes/3': expect.stringContaining('one of') as unknown,
      '/routes/4/methods/1': expect.any(String) as unknown,
      '/routes/4/timeout': expect.stringContaining('duration') as unknown,
      '/routes/4/timeOut': 'is not known here',
      '/routes/5/stripPrefix': expect.stringContaining('beginning') as unknown,
      '/routes/5/access': expect.stringContaining('userId') as unknown,
      '/routes/6/cors': expect.stringContaining('every origin') as unknown,
      '/routes/7/cache': expect.stringContaining('GET') as unknown,
      '/routes/8/methods': expect.stringContaining('POST') as unknown,
      '/routes/8/access': expect.stringContaining('signature') as unknown,
    });
  });

  it('trusts nobody whose keys or signatures others could make', () => {
    const violations = violationsOf(`
issuers:
  - { issuer: a, jwks: 'http://id.example.com/keys', audience: b }
  - { issuer: a, jwks: 'https://id.example.com/keys', audience: b, algorithms: [RS256, HS256] }
  - { issuer: a, jwks: 'http://id.localhost:8080/keys', audience: b, algorithms: [none] }
`);
    expect(violations).toMatchObject({
      '/issuers/0/jwks': expect.stringContaining('https') as unknown,
      '/issuers/1/algorithms/1': expect.any(String) as unknown,
      '/issuers/2/algorithms/0': expect.any(String) as unknown,
    });
    expect(Object.keys(violations)).toHaveLength(3);
  });

  it.each(['- 1', '7', 'routes: 7', 'a: [', 'routes: [null]'])('%j is none', (text) => {
    expect(() => parseRoutesFile(text, TEMPLATE)).toThrow();
  });
});
