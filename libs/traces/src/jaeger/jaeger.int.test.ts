import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@ebb/test-database';
import { decodeOtlp } from '../otlp/decode.ts';
import { spanIdOf, spanWith, traceIdOf } from '../spans.fixture.ts';
import { openTraceStore } from '../store/open.ts';
import type { TraceStore } from '../store/store.ts';
import { jaegerHandler } from './handler.ts';
import { readJaeger } from './reader.ts';

let database: TestDatabase;
let store: TraceStore;
let server: Server;
let url: string;

const START_US = 1_700_000_000_000_000;
const startNs = BigInt(START_US) * 1_000n;
const resource = { 'service.name': 'orders', 'service.version': '1.0' };
const SPANS = [
  spanWith({
    startNs,
    endNs: startNs + 1_500_999n,
    resource,
    scope: { name: 'ebb', version: '1' },
    attributes: { text: 'a', whole: 200, fraction: 0.5, yes: true, list: [1, 2] },
  }),
  spanWith({
    spanId: spanIdOf(2),
    parentSpanId: spanIdOf(1),
    service: 'inventory',
    name: 'process reserve/stock',
    kind: 'consumer',
    startNs: startNs + 2_000_000n,
    endNs: startNs + 1_002_000_000n,
    status: { code: 'error', message: 'no stock' },
    resource: { 'service.name': 'inventory' },
    events: [{ name: 'exception', timeNs: startNs + 3_000_000n, attributes: { 'exception.type': 'Error' } }],
    links: [{ traceId: traceIdOf(7), spanId: spanIdOf(7), attributes: {} }],
  }),
];

beforeAll(async () => {
  database = await testDatabase();
  store = await openTraceStore({ url: database.url });
  await store.write(SPANS);
  const handle = jaegerHandler(store);
  server = createServer((request, response) => {
    if (!handle(request, response)) response.writeHead(418).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await store.close();
  await database.drop();
});

async function get(path: string, method = 'GET'): Promise<{ status: number; type: string | null; body: unknown }> {
  const response = await fetch(`${url}${path}`, { method });
  const text = await response.text();
  return { status: response.status, type: response.headers.get('content-type'), body: text && JSON.parse(text) };
}

const window = `start=${START_US}&end=${START_US + 10_000_000}`;
const TRACE = {
  traceID: traceIdOf(1),
  spans: [
    {
      traceID: traceIdOf(1),
      spanID: spanIdOf(1),
      operationName: 'POST /orders',
      references: [],
      startTime: START_US,
      duration: 1_500,
      tags: [
        { key: 'fraction', type: 'float64', value: 0.5 },
        { key: 'list', type: 'string', value: '[1,2]' },
        { key: 'text', type: 'string', value: 'a' },
        { key: 'whole', type: 'int64', value: 200 },
        { key: 'yes', type: 'bool', value: true },
        { key: 'otel.scope.name', type: 'string', value: 'ebb' },
        { key: 'otel.scope.version', type: 'string', value: '1' },
        { key: 'span.kind', type: 'string', value: 'server' },
      ],
      logs: [],
      processID: 'p1',
      warnings: null,
    },
    {
      traceID: traceIdOf(1),
      spanID: spanIdOf(2),
      operationName: 'process reserve/stock',
      references: [
        { refType: 'CHILD_OF', traceID: traceIdOf(1), spanID: spanIdOf(1) },
        { refType: 'FOLLOWS_FROM', traceID: traceIdOf(7), spanID: spanIdOf(7) },
      ],
      startTime: START_US + 2_000,
      duration: 1_000_000,
      tags: [
        { key: 'span.kind', type: 'string', value: 'consumer' },
        { key: 'otel.status_code', type: 'string', value: 'ERROR' },
        { key: 'error', type: 'bool', value: true },
        { key: 'otel.status_description', type: 'string', value: 'no stock' },
      ],
      logs: [
        {
          timestamp: START_US + 3_000,
          fields: [
            { key: 'event', type: 'string', value: 'exception' },
            { key: 'exception.type', type: 'string', value: 'Error' },
          ],
        },
      ],
      processID: 'p2',
      warnings: null,
    },
  ],
  processes: {
    p1: { serviceName: 'orders', tags: [{ key: 'service.version', type: 'string', value: '1.0' }] },
    p2: { serviceName: 'inventory', tags: [] },
  },
  warnings: null,
};
const envelope = (data: unknown, total = 0, errors: unknown = null) => ({ data, total, limit: 0, offset: 0, errors });
const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1);

/** PostgreSQL keeps the attributes of a span in an order of its own. */
function sorted(body: unknown): unknown {
  const document = body as { data: (typeof TRACE)[] };
  for (const trace of document.data) for (const span of trace.spans) span.tags.sort(byKey);
  return document;
}

describe('/api', () => {
  it('gives a trace in the shape that the UI reads', async () => {
    const { status, type, body } = await get(`/api/traces/${traceIdOf(1)}`);
    expect({ status, type }).toEqual({ status: 200, type: 'application/json' });
    expect(sorted(body)).toEqual(sorted(structuredClone(envelope([TRACE]))));
  });

  it('lists services and operations', async () => {
    expect((await get('/api/services')).body).toEqual(envelope(['inventory', 'orders'], 2));
    expect((await get('/api/services/inventory/operations')).body).toEqual(envelope(['process reserve/stock'], 1));
    expect((await get('/api/operations?service=orders')).body).toEqual(
      envelope([{ name: 'POST /orders', spanKind: 'server' }], 1),
    );
    expect((await get('/api/operations?service=orders&spanKind=client')).body).toEqual(envelope([], 0));
  });

  it('says who calls whom', async () => {
    const endTs = START_US / 1_000 + 60_000;
    expect((await get(`/api/dependencies?endTs=${endTs}&lookback=120000`)).body).toEqual(
      envelope([{ parent: 'orders', child: 'inventory', callCount: 1 }]),
    );
  });

  it.each([
    ['service=orders', 1],
    ['service=orders&operation=POST%20%2Forders', 1],
    ['service=orders&operation=other', 0],
    ['service=inventory&tags={"error":"true"}', 1],
    ['service=orders&tags={"error":"true"}', 0],
    ['service=orders&tag=whole:200&tag=text:a', 1],
    ['service=inventory&minDuration=999ms&maxDuration=1.1s', 1],
    ['service=inventory&minDuration=1m', 0],
    ['service=orders&limit=1&lookback=1h', 1],
    ['service=%00&operation=%00', 0],
    ['service=orders&tags={"\\u0000":"\\ud800"}', 0],
    [`traceID=${traceIdOf(1)}`, 1],
  ])('searches by %s', async (query, count) => {
    const { status, body } = await get(`/api/traces?${query}&${window}`);
    expect(status).toBe(200);
    expect((body as { data: unknown[] }).data).toHaveLength(count);
  });

  it('looks back from the end when no start is given', async () => {
    const found = async (query: string) =>
      ((await get(`/api/traces?service=orders&${query}`)).body as { data: unknown[] }).data.length;
    expect(await found(`end=${START_US + 3_600_000_000}&lookback=2h`)).toBe(1);
    expect(await found(`end=${START_US + 3_600_000_000}&lookback=30m`)).toBe(0);
    expect(await found(`end=${START_US + 3_600_000_000}&lookback=1d`)).toBe(1);
    expect(await found('')).toBe(0);
  });

  it('names the traces that are missing beside those that are there', async () => {
    const missing = traceIdOf(999);
    const { body } = await get(`/api/traces?traceID=${traceIdOf(1)}&traceID=${missing}`);
    expect(body).toMatchObject({
      data: [{ traceID: traceIdOf(1) }],
      errors: [{ msg: 'trace not found', traceID: missing }],
    });
  });

  it.each([
    ['/api/traces', 400, "parameter 'service' is required"],
    ['/api/operations', 400, "parameter 'service' is required"],
    ['/api/traces?service=x&start=yesterday', 400, "unable to parse param 'start'"],
    ['/api/traces?service=x&limit=many', 400, "unable to parse param 'limit'"],
    ['/api/traces?service=x&minDuration=5', 400, 'time: invalid duration'],
    ['/api/traces?service=x&minDuration=5s&maxDuration=1s', 400, "'maxDuration' should be greater"],
    ['/api/traces?service=x&tags={', 400, "unable to parse param 'tags'"],
    ['/api/traces?service=x&tags={"a":1}', 400, 'values are strings'],
    ['/api/traces?service=x&tag=nocolon', 400, "malformed 'tag' parameter"],
    ['/api/traces?service=x&lookback=soon', 400, "unable to parse param 'lookback'"],
    ['/api/traces/xyz', 400, 'is no trace id'],
    ['/api/services/%E0%A4%A/operations', 400, 'is not percent-encoded'],
    [`/api/traces/${traceIdOf(999)}`, 404, 'trace not found'],
  ])('answers %s with %i', async (path, status, message) => {
    const response = await get(path);
    expect(response.status).toBe(status);
    const errors = [{ code: status, msg: expect.stringContaining(message) }];
    expect(response.body).toEqual(envelope(null, 0, errors));
  });

  it('answers only GET, and leaves other paths alone', async () => {
    expect((await get('/api/services', 'POST')).status).toBe(405);
    expect((await get('/api/services', 'HEAD')).status).toBe(200);
    expect((await fetch(`${url}/api/other`)).status).toBe(418);
    expect((await fetch(`${url}/ebb/v1/status`)).status).toBe(418);
  });
});

describe('/api/v3', () => {
  const range = 'query.startTimeMin=2023-11-14T22:13:20Z&query.startTimeMax=2023-11-14T22:13:30.5Z';

  it('lists services and operations', async () => {
    expect((await get('/api/v3/services')).body).toEqual({ services: ['inventory', 'orders'] });
    expect((await get('/api/v3/operations?service=orders')).body).toEqual({
      operations: [{ name: 'POST /orders', spanKind: 'server' }],
    });
  });

  it('gives a trace as OTLP, from which the same spans are read', async () => {
    const { body } = await get(`/api/v3/traces/${traceIdOf(1)}`);
    const { result } = body as { result: object };
    expect(decodeOtlp('application/json', Buffer.from(JSON.stringify(result)))).toEqual(SPANS);
  });

  it.each([
    [`${range}&query.serviceName=orders`, 200],
    [
      `${range.replace('startTimeMin', 'start_time_min').replace('startTimeMax', 'start_time_max')}&query.service_name=orders`,
      200,
    ],
    [`${range}&query.serviceName=inventory&query.durationMin=500ms&query.searchDepth=5`, 200],
    [`${range}&query.attributes={"text":"a"}`, 200],
    [`${range}&query.serviceName=nobody`, 404],
    ['query.serviceName=orders', 400],
    [`${range}&query.durationMin=long`, 400],
    ['query.startTimeMin=today&query.startTimeMax=now', 400],
  ])('searches by %s: %i', async (query, status) => {
    const response = await get(`/api/v3/traces?${query}`);
    expect(response.status).toBe(status);
    if (status === 200) expect(response.body).toMatchObject({ result: { resourceSpans: expect.any(Array) } });
    else expect(response.body).toMatchObject({ error: { httpCode: status, message: expect.any(String) } });
  });

  it('answers an unknown trace and a wrong id in its own shape', async () => {
    expect((await get(`/api/v3/traces/${traceIdOf(999)}`)).body).toEqual({
      error: { httpCode: 404, message: 'No traces found' },
    });
    expect((await get('/api/v3/traces/xyz')).status).toBe(400);
  });
});

describe('the reader of the query API', () => {
  const asked = async (path: string) => {
    const response = await fetch(`${url}${path}`);
    return { status: response.status, body: await response.text() };
  };

  it('reads what was stored, and nothing of what is not there', async () => {
    expect(await readJaeger(asked, traceIdOf(1))).toEqual(SPANS);
    expect(await readJaeger(asked, traceIdOf(999))).toEqual([]);
  });
});
