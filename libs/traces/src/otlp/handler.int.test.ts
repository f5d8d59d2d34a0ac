import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { inSpan, startTelemetry } from '@ebb/telemetry';
import { testDatabase, type TestDatabase } from '@ebb/test-database';
import { sdkSpans, spanWith } from '../spans.fixture.ts';
import { openTraceStore } from '../store/open.ts';
import type { TraceStore } from '../store/store.ts';
import { tracesData } from './encode.ts';
import { otlpHandler } from './handler.ts';

let database: TestDatabase;
let store: TraceStore;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  database = await testDatabase();
  store = await openTraceStore({ url: database.url });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

async function serve(listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Response {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

interface Sending {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer;
}

function send(url: string, sending: Sending = {}): Promise<Response> {
  const { method = 'POST', path = '/v1/traces', headers = {}, body = Buffer.alloc(0) } = sending;
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${url}${path}`, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

const JSON_TYPE = { 'content-type': 'application/json' };
const PROTOBUF_TYPE = { 'content-type': 'application/x-protobuf' };
const json = (document: unknown): Buffer => Buffer.from(JSON.stringify(document));
const textOf = ({ body }: Response): unknown => JSON.parse(body.toString());

describe('receiving traces', () => {
  it('takes what the exporter package of OpenTelemetry sends', async () => {
    const exporter = new OTLPTraceExporter({ url: `${await serve(otlpHandler(store))}/v1/traces` });
    closing.push(() => exporter.shutdown());
    const spans = sdkSpans();
    const result = await new Promise<{ code: number }>((resolve) => exporter.export(spans, resolve));
    expect(result.code).toBe(ExportResultCode.SUCCESS);
    expect(await store.trace(spans[0]?.spanContext().traceId ?? '')).toHaveLength(2);
  });

  it('takes what @ebb/telemetry sends', async () => {
    const telemetry = startTelemetry({ service: 'relay', otlpEndpoint: await serve(otlpHandler(store)) });
    closing.push(() => telemetry.shutdown());
    const traceId = await inSpan(telemetry.tracer, 'publish orders', {}, (span) =>
      Promise.resolve(span.spanContext().traceId),
    );
    await telemetry.flush();
    expect(await store.trace(traceId)).toMatchObject([{ service: 'relay', name: 'publish orders' }]);
  });

  it('takes protobuf and gzip, and answers in kind', async () => {
    const url = await serve(otlpHandler(store));
    const spans = sdkSpans();
    const body = gzipSync(ProtobufTraceSerializer.serializeRequest(spans) ?? '');
    const response = await send(url, { headers: { ...PROTOBUF_TYPE, 'content-encoding': 'gzip' }, body });
    expect(response).toMatchObject({ status: 200, headers: PROTOBUF_TYPE });
    expect(ProtobufTraceSerializer.deserializeResponse(response.body)).toEqual({});
    expect(await store.trace(spans[0]?.spanContext().traceId ?? '')).toHaveLength(2);
  });

  it('says how many spans it rejected, in the encoding of the request', async () => {
    const url = await serve(otlpHandler(store));
    const broken = { resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: 'x' }, { traceId: 'y' }] }] }] };
    const response = await send(url, { headers: JSON_TYPE, body: json(broken) });
    expect(response.status).toBe(200);
    expect(textOf(response)).toMatchObject({ partialSuccess: { rejectedSpans: '2' } });
    // The same in protobuf: three messages around a span that has only a name.
    const inProtobuf = Buffer.from([0x0a, 7, 0x12, 5, 0x12, 3, 0x2a, 1, 0x61]);
    const answer = await send(url, { headers: PROTOBUF_TYPE, body: inProtobuf });
    const decoded = ProtobufTraceSerializer.deserializeResponse(answer.body);
    expect(Number(decoded.partialSuccess?.rejectedSpans)).toBe(1);
    expect(decoded.partialSuccess?.errorMessage).toContain('traceId is no trace id');
  });

  it.each<[string, Sending, number]>([
    ['another method', { method: 'GET' }, 405],
    ['another signal', { path: '/v1/logs', headers: JSON_TYPE }, 404],
    ['no content type', {}, 415],
    ['another content type', { headers: { 'content-type': 'text/plain' } }, 415],
    ['another compression', { headers: { ...JSON_TYPE, 'content-encoding': 'br' } }, 415],
    ['no JSON', { headers: JSON_TYPE, body: Buffer.from('{"resourceSpans":') }, 400],
    ['no gzip', { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: Buffer.from('plain') }, 400],
    ['more than 4 MiB', { headers: JSON_TYPE, body: Buffer.alloc(4 * 1024 * 1024 + 1) }, 413],
    [
      'a small body that unpacks to more than 4 MiB',
      { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: gzipSync(Buffer.alloc(5 * 1024 * 1024)) },
      413,
    ],
  ])('refuses %s with a status document', async (_name, options, status) => {
    const response = await send(await serve(otlpHandler(store)), options);
    expect(response).toMatchObject({ status, headers: JSON_TYPE });
    expect(textOf(response)).toEqual({ code: expect.any(Number), message: expect.any(String) });
  });

  it('refuses broken protobuf with a status document in protobuf', async () => {
    const body = Buffer.from([0x0a, 0x7f, 0x00]);
    const response = await send(await serve(otlpHandler(store)), { headers: PROTOBUF_TYPE, body });
    expect(response).toMatchObject({ status: 400, headers: PROTOBUF_TYPE });
    expect([...response.body.subarray(0, 3)]).toEqual([0x08, 3, 0x12]);
    expect(response.body.subarray(4).toString()).toContain('ends in the middle of a field');
  });

  it('asks to try again later when the store is away', async () => {
    const away: TraceStore = { ...store, write: () => Promise.reject(new Error('connection refused')) };
    const body = json(tracesData([spanWith()]));
    const response = await send(await serve(otlpHandler(away)), { headers: JSON_TYPE, body });
    expect(response.status).toBe(503);
    expect(response.headers['retry-after']).toBe('1');
  });
});

describe('forwarding', () => {
  it('passes on every accepted request, unpacked, and none that was refused', async () => {
    const seen: string[] = [];
    const collector = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push(`${request.url} ${request.headers['content-type']} ${Buffer.concat(chunks).toString()}`);
        response.end('{}');
      });
    });
    const handler = otlpHandler(store, { forwardTo: collector });
    const url = await serve(handler);
    const body = json(tracesData([spanWith()]));
    await send(url, { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: gzipSync(body) });
    await send(url, { headers: JSON_TYPE, body: Buffer.from('{') });
    await handler.close();
    expect(seen).toEqual([`/v1/traces application/json ${body.toString()}`]);
  });

  it('tries again when the collector is busy', async () => {
    const statuses = [503, 429, 200];
    let answered = 0;
    const collector = await serve((request, response) => {
      request.resume().on('end', () => response.writeHead(statuses[answered++] ?? 200).end());
    });
    const handler = otlpHandler(store, { forwardTo: collector });
    closing.push(() => handler.close());
    await send(await serve(handler), { headers: JSON_TYPE, body: json(tracesData([spanWith()])) });
    const deadline = Date.now() + 10_000;
    while (answered < 3 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(answered).toBe(3);
  });

  it('holds up neither the sender nor the end when the collector is away', async () => {
    const handler = otlpHandler(store, { forwardTo: 'http://127.0.0.1:1' });
    const url = await serve(handler);
    const started = Date.now();
    for (let n = 0; n < 20; n += 1) await send(url, { headers: JSON_TYPE, body: json(tracesData([spanWith()])) });
    await handler.close();
    expect(Date.now() - started).toBeLessThan(5_000);
  });
});
