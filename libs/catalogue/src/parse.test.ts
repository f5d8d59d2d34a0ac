import { describe, expect, it } from '@jest/globals';
import { SchemaViolationError } from '@ebb/core';
import type { CatalogueEntry, FunctionEntry } from './catalogue-entry.ts';
import type { RouteEntry } from './route-entry.ts';
import { parseCatalogueEntry } from './parse.ts';

const RESERVE: FunctionEntry = {
  name: 'reserve-stock',
  path: '/functions/reserve-stock',
  on: ['dev.ebb.orders.order.placed.v1'],
  filters: [{ exact: { subject: 'o-1' } }],
  emits: ['dev.ebb.inventory.stock.reserved.v1'],
  timeoutMs: 10_000,
  concurrency: 20,
  order: 'ordered',
  delivery: { retry: 10, backoffPolicy: 'exponential', backoffDelay: 'PT0.2S' },
  effect: 'transactional',
};

const ROUTE: RouteEntry = {
  method: 'GET',
  path: '/stock/:sku',
  summary: 'Show one product',
  tags: ['stock'],
  params: { type: 'object', properties: { sku: { type: 'string' } }, required: ['sku'] },
  answers: {
    '200': { description: 'the product', schema: { type: 'object' }, headers: { etag: 'its version' } },
    '404': { description: 'there is no such product', problem: true },
  },
  access: { roles: ['clerk'], scopes: [], owner: 'sku' },
  gateway: true,
  limits: [{ per: 'client', requests: 60, windowMs: 60_000 }],
  cache: {
    maxAgeMs: 30_000,
    per: 'user',
    vary: ['accept-language'],
    invalidatedBy: [{ type: 'dev.ebb.inventory.stock.reserved.v1', param: 'sku' }],
  },
  maxBodyBytes: 1_048_576,
  timeoutMs: 30_000,
  raw: false,
  stream: false,
  emits: [],
};

const ENTRY: CatalogueEntry = {
  kind: 'service',
  name: 'inventory',
  version: '0.1.0-3f2a9c1',
  functions: [RESERVE],
  routes: [ROUTE],
  identity: { issuer: 'urn:shop', jwks: '/.well-known/jwks.json', audience: 'shop' },
  schedules: [
    {
      name: 'nightly-stocktake',
      cron: '0 3 * * *',
      timeZone: 'Europe/Berlin',
      event: 'dev.ebb.inventory.stock.reserved.v1',
      data: { full: true },
    },
  ],
  events: [
    {
      type: 'dev.ebb.orders.order.placed.v1',
      topic: 'orders',
      schema: { type: 'object' },
      example: { orderId: 'o-1' },
    },
    {
      type: 'dev.ebb.inventory.stock.reserved.v1',
      topic: 'inventory',
      schema: {},
      example: null,
      description: 'stock is kept for an order',
    },
  ],
  database: { schema: 'inventory', migrations: true },
  outboxes: false,
  settings: [
    {
      name: 'LOG_LEVEL',
      kind: 'choice',
      description: 'how much to log',
      secret: false,
      required: false,
      default: 'info',
    },
  ],
  scale: { min: 0, max: 5, target: 10, windowMs: 6_000, concurrency: 20, timeoutMs: 300_000, annotations: { a: 'b' } },
};

const MINIMAL: CatalogueEntry = {
  kind: 'worker',
  name: 'relay',
  version: '1',
  functions: [],
  routes: [],
  schedules: [],
  events: [],
  outboxes: true,
  settings: [],
  scale: { timeoutMs: 1 },
};

const LISTENING: CatalogueEntry = {
  ...MINIMAL,
  name: 'door',
  outboxes: false,
  listens: { public: true },
  catalogue: true,
  eventLog: true,
  signsIdentity: true,
  services: true,
};

function violationsOf(value: unknown): Record<string, string> {
  try {
    parseCatalogueEntry(value);
  } catch (error) {
    if (!(error instanceof SchemaViolationError)) throw error;
    return Object.fromEntries(error.violations.map(({ path, message }) => [path, message]));
  }
  return {};
}

const withFunction = (changes: Partial<Record<keyof FunctionEntry, unknown>>) => ({
  ...ENTRY,
  functions: [{ ...RESERVE, ...changes }],
});

const withRoute = (changes: Partial<Record<keyof RouteEntry, unknown>>) => ({
  ...ENTRY,
  routes: [{ ...ROUTE, ...changes }],
});

describe('a catalogue entry', () => {
  it.each([ENTRY, MINIMAL, LISTENING])('survives being printed and read ($name)', (entry) => {
    expect(parseCatalogueEntry(JSON.parse(JSON.stringify(entry)))).toEqual(entry);
  });

  it('loses members that are not known', () => {
    expect(parseCatalogueEntry({ ...MINIMAL, invented: 1 })).toEqual(MINIMAL);
  });

  it('is refused with every violation at once', () => {
    const broken = {
      ...ENTRY,
      outboxes: undefined,
      name: 'Inventory',
      functions: [{ ...RESERVE, timeoutMs: 0, on: [] }],
      scale: {},
    };
    expect(Object.keys(violationsOf(broken)).sort()).toEqual(
      ['/functions/0/on', '/functions/0/timeoutMs', '/name', '/outboxes', '/scale/timeoutMs'].sort(),
    );
    expect(violationsOf(broken)['/name']).toContain('DNS label');
    expect(violationsOf(broken)['/outboxes']).toContain('expected boolean');
  });

  it.each([null, [], 'x', 7, undefined])('is an object, not %j', (value) => {
    expect(Object.keys(violationsOf(value))).toEqual(['']);
  });

  it.each<[string, unknown]>([
    ['/functions/0/path', withFunction({ path: '/functions/other' })],
    ['/functions/0/order', withFunction({ order: 'sorted' })],
    ['/functions/0/on/0', withFunction({ on: ['dev.ebb.unknown.v1'] })],
    ['/functions/0/emits/0', withFunction({ emits: ['dev.ebb.unknown.v1'] })],
    ['/functions/0/delivery/backoffDelay', withFunction({ delivery: { ...RESERVE.delivery, backoffDelay: '200ms' } })],
    ['/functions/0/delivery/retry', withFunction({ delivery: { ...RESERVE.delivery, retry: -1 } })],
    ['/functions/1/name', { ...ENTRY, functions: [RESERVE, RESERVE] }],
    ['/events/2/type', { ...ENTRY, events: [...ENTRY.events, ENTRY.events[0]] }],
    ['/routes/0/path', withRoute({ path: 'stock' })],
    ['/routes/0/path', withRoute({ path: '/stock/' })],
    ['/routes/0/method', withRoute({ method: 'get' })],
    ['/routes/0/access', withRoute({ access: 'nobody' })],
    ['/routes/0/answers/99', withRoute({ answers: { '99': { description: '' } } })],
    ['/routes/0/cache/vary/0', withRoute({ cache: { ...ROUTE.cache, vary: ['Accept'] } })],
    [
      '/routes/0/cache/invalidatedBy/0',
      withRoute({ cache: { ...ROUTE.cache, invalidatedBy: [{ type: 'dev.ebb.unknown.v1' }] } }),
    ],
    ['/routes/0/emits/0', withRoute({ emits: ['dev.ebb.unknown.v1'] })],
    ['/routes/1/path', { ...ENTRY, routes: [ROUTE, { ...ROUTE, path: '/stock/:id' }] }],
    ['/identity/jwks', { ...ENTRY, identity: { ...ENTRY.identity, jwks: 'keys' } }],
    ['/schedules/0/cron', { ...ENTRY, schedules: [{ ...ENTRY.schedules[0], cron: '@every 1m' }] }],
    ['/schedules/0/timeZone', { ...ENTRY, schedules: [{ ...ENTRY.schedules[0], timeZone: 'Mars/Olympus' }] }],
    ['/schedules/0/event', { ...ENTRY, schedules: [{ ...ENTRY.schedules[0], event: 'dev.ebb.unknown.v1' }] }],
    ['/database/schema', { ...ENTRY, database: { schema: 'a-b', migrations: true } }],
    ['/settings/0/name', { ...ENTRY, settings: [{ ...ENTRY.settings[0], name: 'logLevel' }] }],
    ['/listens/public', { ...LISTENING, listens: {} }],
    ['/signsIdentity', { ...ENTRY, signsIdentity: true }],
    ['/scale/min', { ...ENTRY, scale: { timeoutMs: 1, min: 3, max: 2 } }],
    ['/scale/windowMs', { ...ENTRY, scale: { timeoutMs: 1, windowMs: 1_000 } }],
    ['/scale/concurrency', { ...ENTRY, scale: { timeoutMs: 1, concurrency: 1_001 } }],
    ['/scale/annotations/a~1b', { ...ENTRY, scale: { timeoutMs: 1, annotations: { 'a/b': 1 } } }],
  ])('is refused at %s', (path, value) => {
    expect(Object.keys(violationsOf(value))).toEqual([path]);
  });

  it('has no maximum when the maximum is 0', () => {
    expect(violationsOf({ ...ENTRY, scale: { timeoutMs: 1, min: 3, max: 0 } })).toEqual({});
  });
});
