import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeBatch, encodeStructured, createEvent } from '@ebb/events';
import { startTelemetry, type Telemetry } from '@ebb/telemetry';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-base';

import { send, weigh } from '../testing-fixtures/child.fixture.ts';
import { ParcelLost, ParcelWeighed } from '../testing-fixtures/parcels/src/events.ts';
import { service } from '../testing-fixtures/parcels/src/service.ts';
import { createHandler } from './handler.ts';
import { HttpServer } from './http-server.ts';

const config = { DEPOT: 'Berlin', MAX_GRAMS: 31_500 };
const exporter = new InMemorySpanExporter();
const lines: string[] = [];
let telemetry: Telemetry;
let server: HttpServer;
let port = 0;

beforeAll(async () => {
  telemetry = startTelemetry({
    service: 'parcels',
    scheduledDelayMs: 1,
    logDestination: { write: (line) => lines.push(line) },
    exporter,
  });
  const handler = createHandler(service, { telemetry, config });
  server = await HttpServer.start(handler, {
    port: 0,
    host: '127.0.0.1',
    headersTimeoutMs: 300,
    requestTimeoutMs: 400,
  });
  ({ port } = server);
});
afterAll(async () => {
  await server.drain(1_000);
  await telemetry.shutdown();
});

const problemOf = ({ body }: { body: string }) => JSON.parse(body) as Record<string, unknown>;
const json = { 'content-type': 'application/json' };

describe('an event', () => {
  it('is answered with 204 and nothing else', async () => {
    expect(await weigh(port, 10)).toMatchObject({ status: 204, body: '' });
  });

  it('may come structured or in a batch', async () => {
    const event = createEvent(ParcelWeighed, ParcelWeighed.example, { source: '/scales' });
    expect(await send(port, 'POST', '/functions/weigh', encodeStructured(event))).toMatchObject({ status: 204 });
    const lost = createEvent(ParcelLost, ParcelLost.example, { source: '/scales' });
    expect(await send(port, 'POST', '/functions/track', encodeBatch([event, lost]))).toMatchObject({ status: 204 });
  });

  it('ends a batch with the first failure', async () => {
    const events = [10, 1, 99_999].map((grams) =>
      createEvent(ParcelWeighed, { parcelId: 'p', grams }, { source: '/s' }),
    );
    expect(await send(port, 'POST', '/functions/weigh', encodeBatch(events))).toMatchObject({ status: 503 });
  });

  it.each<[string, () => ReturnType<typeof weigh>, number, Record<string, unknown>]>([
    ['a failure for good', () => weigh(port, 99_999), 422, { 'kne-ebbreason': 'terminal', 'kne-ebbfunction': 'weigh' }],
    ['a failure for now', () => weigh(port, 1), 503, { 'kne-ebbreason': 'retry', 'retry-after': '7' }],
    ['a bug', () => weigh(port, 2), 503, { 'kne-ebbdetail': 'gr er als gedacht second line' }],
    ['a timeout', () => weigh(port, 3), 503, { 'kne-ebbreason': 'timeout' }],
    ['a handler that ignores its signal', () => weigh(port, 4), 503, { 'kne-ebbreason': 'timeout' }],
    ['an unknown type', () => weigh(port, 10, { 'ce-type': 'a.b.c.v1' }), 422, { 'kne-ebbreason': 'schema' }],
    ['a payload that does not fit', () => weigh(port, 1.5), 422, { 'kne-ebbreason': 'schema' }],
    ['a missing attribute', () => weigh(port, 10, { 'ce-id': '' }), 400, {}],
    ['no CloudEvent', () => send(port, 'POST', '/functions/weigh', { headers: json, body: '{}' }), 400, {}],
    ['an unknown function', () => send(port, 'POST', '/functions/none', { headers: json, body: '{}' }), 404, {}],
    ['another method', () => send(port, 'GET', '/functions/weigh'), 405, { allow: 'POST' }],
    [
      'too large a body',
      () => send(port, 'POST', '/functions/weigh', { headers: json, body: Buffer.alloc(3_000_000, 0x20) }),
      413,
      {},
    ],
  ])('with %s is told apart', async (_case, deliver, status, headers) => {
    const answer = await deliver();
    expect(answer).toMatchObject({ status, headers: { 'content-type': 'application/problem+json', ...headers } });
    expect(problemOf(answer)).toMatchObject({ status, type: 'about:blank' });
  });

  it('names each violation with its place', async () => {
    expect(problemOf(await weigh(port, 1.5))).toMatchObject({ violations: [{ path: '/grams' }] });
  });

  it('waits for a slot, up to a bound', async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, () => weigh(port, 5)));
    const refused = answers.filter(({ status }) => status === 503);
    // Two run and twenty wait; on a slow machine some are done before the last ones come.
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(60 - 2 - 20);
    expect(refused[0]?.headers).toMatchObject({ 'retry-after': '1', 'kne-ebbreason': 'overloaded' });
  });

  it('continues its own trace', async () => {
    const own = '00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01';
    const foreign = '00-cccccccccccccccccccccccccccccccc-dddddddddddddddd-01';
    await weigh(port, 10, { 'ce-traceparent': own, traceparent: foreign, 'ce-id': 'traced' });
    await telemetry.flush();
    const span = exporter.getFinishedSpans().find(({ attributes }) => attributes['cloudevents.event_id'] === 'traced');
    expect(span).toMatchObject({
      name: 'process weigh',
      parentSpanContext: { spanId: 'bbbbbbbbbbbbbbbb' },
      attributes: { 'ebb.outcome': 'done', 'ebb.function': 'weigh' },
      links: [{ context: { traceId: 'cccccccccccccccccccccccccccccccc' } }],
    });
  });
});

describe('a route', () => {
  it('answers, with the id of the request', async () => {
    const answer = await send(port, 'GET', '/parcels?a=1', { headers: { 'x-request-id': 'mine-1' } });
    expect(answer).toMatchObject({ status: 200, body: '{"depot":"Berlin"}', headers: { 'x-request-id': 'mine-1' } });
    const other = await send(port, 'GET', '/parcels', { headers: { 'x-request-id': 'not "mine"' } });
    expect(other.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(other.headers['x-powered-by']).toBeUndefined();
  });

  it('gets its body checked', async () => {
    const body = '{"parcelId":"p","grams":3}';
    expect(await send(port, 'POST', '/parcels', { headers: json, body })).toMatchObject({ status: 201, body });
    const misfit = await send(port, 'POST', '/parcels', { headers: json, body: '{"parcelId":7,"grams":"a"}' });
    expect(misfit.status).toBe(422);
    expect(problemOf(misfit)).toMatchObject({ violations: [{ path: '/parcelId' }, { path: '/grams' }] });
  });

  it.each<[string, string, string, Parameters<typeof send>[3], number, Record<string, unknown>]>([
    ['malformed JSON', 'POST', '/parcels', { headers: json, body: '{"a":' }, 400, {}],
    ['JSON that is too deep', 'POST', '/parcels', { headers: json, body: '['.repeat(99) }, 400, {}],
    ['bytes that are no UTF-8', 'POST', '/parcels', { headers: json, body: Buffer.from([0x22, 0xff, 0x22]) }, 400, {}],
    ['another media type', 'POST', '/parcels', { headers: { 'content-type': 'text/plain' }, body: 'x' }, 415, {}],
    ['no body', 'POST', '/parcels', {}, 415, {}],
    ['a packed body', 'POST', '/parcels', { headers: { ...json, 'content-encoding': 'gzip' }, body: 'x' }, 415, {}],
    ['too large a body', 'POST', '/parcels', { headers: json, body: Buffer.alloc(3_000_000, 0x20) }, 413, {}],
    ['an unknown path', 'GET', '/letters', {}, 404, {}],
    ['an unknown path below', 'GET', '/parcels/1/2/3', {}, 404, {}],
    ['a wrong method', 'PATCH', '/parcels/1', {}, 405, { allow: 'DELETE, GET, HEAD' }],
    ['a wrong method at the root', 'DELETE', '/parcels', {}, 405, { allow: 'GET, HEAD, POST' }],
    ['a path that cannot be decoded', 'GET', '/parcels/%ff', {}, 400, {}],
    ['its own problem', 'GET', '/parcels/7', {}, 404, {}],
  ])('answers %s with a problem', async (_case, method, path, options, status, headers) => {
    const answer = await send(port, method, path, options);
    expect(answer).toMatchObject({ status, headers: { 'content-type': 'application/problem+json', ...headers } });
    expect(problemOf(answer)).toMatchObject({ status, requestId: answer.headers['x-request-id'] });
  });

  it('keeps what failed to itself, and logs it with the id of the request', async () => {
    const answer = await send(port, 'DELETE', '/parcels/7', { headers: { 'x-request-id': 'failing-1' } });
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain('secret');
    await telemetry.flush();
    expect(lines.find((line) => line.includes('failing-1'))).toContain('secret of the database');
  });

  it('continues the trace of its caller under the name of the route', async () => {
    const traceparent = '00-eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee-bbbbbbbbbbbbbbbb-01';
    await send(port, 'GET', '/parcels/7', { headers: { traceparent } });
    await telemetry.flush();
    const span = exporter
      .getFinishedSpans()
      .find((one) => one.spanContext().traceId === 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee');
    expect(span).toMatchObject({
      name: 'GET /parcels/:id',
      attributes: { 'http.route': '/parcels/:id', 'http.response.status_code': 404 },
    });
  });
});

/** Writes bytes, and gives all that came back until the connection was closed. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
    socket.on('error', () => undefined).on('close', () => resolve(answer));
    socket.write(bytes, 'latin1');
  });
}

describe('a hostile client', () => {
  it.each<[string, string, RegExp]>([
    ['junk', '\x16\x03\x01 hello\r\n\r\n', /^HTTP\/1.1 400 .*"status":400/s],
    ['headers that never end', 'GET / HTTP/1.1\r\nhost: x\r\n', /^HTTP\/1.1 408 .*"status":408/s],
    ['headers that are too large', `GET / HTTP/1.1\r\nhost: x\r\na: ${'b'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1.1 431 /],
    [
      'a body that never ends',
      'POST /functions/weigh HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
      /^HTTP\/1.1 408 /,
    ],
    [
      'two lengths',
      'POST /functions/weigh HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1.1 400 /,
    ],
  ])('with %s is answered and dropped', async (_case, bytes, answer) => {
    expect(await raw(bytes)).toMatch(answer);
  });

  it('does no harm by leaving early', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.write('POST /parcels HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{');
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    expect(await weigh(port, 10)).toMatchObject({ status: 204 });
  });
});
