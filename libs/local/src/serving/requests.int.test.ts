import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-base';
import { parseTraceparent, startTelemetry } from '@ebb/telemetry';
import { eventually, harness, service, type Answer, type Harness } from './testing/harness.fixture.ts';

let h: Harness | undefined;
const start = (...options: Parameters<typeof harness>): Harness => (h = harness(...options));

afterEach(async () => {
  const left = await h?.stop();
  h = undefined;
  expect(left ?? []).toEqual([]);
});

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('a client', () => {
  it('is streamed through, with the headers of a proxy', async () => {
    const { serving, artifact, listen } = start();
    await serving.apply(service('shop'), artifact('1', { VERSION: 'v1' }));
    const url = await listen();
    const answer = await raw(url, [
      'POST /orders?x=1 HTTP/1.1',
      ...['Host: shop.localhost', 'X-Own: kept', 'X-Forwarded-For: 10.0.0.9', `traceparent: ${TRACEPARENT}`],
      ...['Connection: close, X-Hop', 'X-Hop: dropped', 'Content-Length: 5', '', 'hello'],
    ]);
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(answer).toContain('x-version: v1');
    const seen = JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1)) as Answer;
    expect(seen).toMatchObject({ method: 'POST', url: '/orders?x=1', body: 'hello' });
    expect(seen.headers).toMatchObject({
      ...{ host: 'shop.localhost', 'x-own': 'kept', traceparent: TRACEPARENT, 'k-proxy-request': 'activator' },
      ...{ 'x-forwarded-for': '10.0.0.9, 127.0.0.1', 'x-forwarded-proto': 'http' },
      ...{ forwarded: 'for=10.0.0.9;proto=http, for=127.0.0.1', 'content-length': '5' },
    });
    expect(seen.headers).not.toHaveProperty('x-hop');
  });

  it('may send a body in chunks', async () => {
    const { serving, artifact, listen } = start();
    await serving.apply(service('shop'), artifact('1'));
    const answer = await raw(await listen(), [
      ...['POST / HTTP/1.1', 'Host: shop.localhost', 'Transfer-Encoding: chunked', 'Connection: close', ''],
      ...['5', 'hello', '0', '', ''],
    ]);
    expect(answer).toContain('"body":"hello"');
  });

  it('may upgrade its connection', async () => {
    const { serving, artifact, listen } = start();
    await serving.apply(service('shop', { annotations: { 'initial-scale': '0' } }), artifact('1'));
    const socket = connect(Number(new URL(await listen()).port), '127.0.0.1');
    const received: string[] = [];
    socket.setEncoding('utf8').on('data', (text: string) => received.push(text));
    socket.write('GET / HTTP/1.1\r\nHost: shop.localhost\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    await eventually(() => received.join('').includes('101 Switching Protocols'), 'the upgrade');
    socket.write('ping');
    await eventually(() => received.join('').endsWith('ping'), 'the echo');
    socket.destroy();
  });

  it('that goes away frees its place', async () => {
    const { serving, artifact, listen, call } = start();
    const resource = service('shop', { spec: { containerConcurrency: 1 }, annotations: { 'max-scale': '1' } });
    await serving.apply(resource, artifact('1'));
    const socket = connect(Number(new URL(await listen()).port), '127.0.0.1');
    socket.write('GET /?ms=10000 HTTP/1.1\r\nHost: shop.localhost\r\n\r\n');
    const second = call('shop', '/', { timeoutMs: 5_000 });
    socket.destroy();
    expect((await second).status).toBe(200);
  });

  it('gets 404 for a service that is not there', async () => {
    const { serving, call } = start();
    expect(serving.has('nothing')).toBe(false);
    expect((await call('nothing', '/')).status).toBe(404);
  });
});

describe('timeouts', () => {
  it('answers 504 after timeoutSeconds, also when the service is still starting', async () => {
    const { serving, artifact, call } = start();
    const resource = service('shop', { spec: { timeoutSeconds: 1 }, annotations: { 'initial-scale': '0' } });
    await serving.apply(resource, artifact('1', { START_DELAY_MS: '30000' }));
    const startedAt = Date.now();
    expect((await call('shop', '/')).status).toBe(504);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(950);
  });

  it('answers 504 when the answer does not begin in time', async () => {
    const { serving, artifact, call } = start();
    await serving.apply(service('shop', { spec: { responseStartTimeoutSeconds: 1 } }), artifact('1'));
    expect((await call('shop', '/?ms=5000')).status).toBe(504);
    expect((await call('shop', '/?ms=10')).status).toBe(200);
  });

  it('ends an answer that has begun with the text of a timeout, its status unchanged', async () => {
    const { serving, artifact, listen } = start();
    await serving.apply(service('shop', { spec: { idleTimeoutSeconds: 1 } }), artifact('1'));
    const answer = await serving.request('shop', { method: 'GET', path: '/half', headers: {}, timeoutMs: 5_000 });
    expect([answer.status, answer.body.toString()]).toEqual([200, 'begun request timeout']);
    const streamed = await raw(await listen(), [
      'GET /half HTTP/1.1',
      'Host: shop.localhost',
      'Connection: close',
      '',
      '',
    ]);
    expect(streamed).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(streamed).toContain('request timeout\r\n0\r\n\r\n');
  });

  it("rejects at the caller's own timeout and abort", async () => {
    const { serving, artifact, call } = start();
    await serving.apply(service('shop'), artifact('1'));
    await expect(call('shop', '/?ms=5000', { timeoutMs: 100 })).rejects.toThrow('shop did not answer within 100 ms');
    const aborting = new AbortController();
    const request = { method: 'GET', path: '/?ms=5000', headers: {}, timeoutMs: 10_000, signal: aborting.signal };
    const aborted = serving.request('shop', request);
    aborting.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
  });
});

describe('a slow answer', () => {
  it('is waited for, longer than an idle connection is kept', async () => {
    const { serving, artifact, call } = start();
    await serving.apply(service('shop'), artifact('1'));
    expect((await call('shop', '/')).status).toBe(200);
    expect((await call('shop', '/?ms=1900')).status).toBe(200);
  });
});

describe('a dying instance', () => {
  it('fails no more requests than were in it', async () => {
    const { serving, artifact, call, running } = start();
    await serving.apply(service('shop'), artifact('1'));
    const failed: number[] = [];
    let isOver = false;
    const clients = Array.from({ length: 8 }, async () => {
      while (!isOver) {
        const { status } = await call('shop', '/?ms=5', { method: 'POST', body: 'x' });
        if (status !== 200) failed.push(status);
      }
    });
    const [victim] = running.keys();
    process.kill(victim!, 'SIGKILL');
    await eventually(() => running.size === 1 && !running.has(victim!), 'a replacement');
    expect((await call('shop', '/')).status).toBe(200);
    isOver = true;
    await Promise.all(clients);
    expect(failed.length).toBeLessThanOrEqual(8);
    expect(failed.every((status) => status === 502)).toBe(true);
  });

  it('answers 502 for the request that was in it, and the next one is served by its replacement', async () => {
    const { serving, artifact, call } = start();
    await serving.apply(service('shop'), artifact('1'));
    expect((await call('shop', '/crash')).status).toBe(502);
    expect((await call('shop', '/')).status).toBe(200);
    expect((await call('shop', '/reset')).status).toBe(502);
  });

  it('is backed off when it keeps crashing, and requests wait for it', async () => {
    const { serving, artifact, call } = start();
    await serving.apply(service('shop'), artifact('1'));
    for (const time of [1, 2, 3]) expect((await call('shop', `/crash?${time}`)).status).toBe(502);
    await eventually(() => serving.status()[0]?.state === 'failing', 'the end of the third process');
    expect(serving.status()[0]?.lastError).toContain('exited with code 7');
    expect((await call('shop', '/')).status).toBe(200);
  });

  it('that takes no connections any more is replaced, and the request goes elsewhere', async () => {
    const { serving, artifact, call } = start();
    await serving.apply(service('shop'), artifact('1'));
    const { pid } = (await call('shop', '/deaf')).body;
    const next = await call('shop', '/', { method: 'POST', body: 'kept' });
    expect(next).toMatchObject({ status: 200, body: { body: 'kept' } });
    expect(next.body.pid).not.toBe(pid);
  });
});

describe('tracing', () => {
  it('has a span for a request that waited, and the service continues it', async () => {
    const exporter = new InMemorySpanExporter();
    const telemetry = startTelemetry({ service: 'test', exporter });
    const { serving, artifact, call } = start({ tracer: telemetry.tracer });
    await serving.apply(service('shop', { annotations: { 'initial-scale': '0' } }), artifact('1'));
    const first = await call('shop', '/', { headers: { traceparent: TRACEPARENT, tracestate: 'a=b' } });
    await telemetry.flush();
    const [span, ...others] = exporter.getFinishedSpans();
    expect(others).toEqual([]);
    expect(span?.name).toBe('activate shop');
    expect(span?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
    expect(span?.attributes).toMatchObject({ 'ebb.revision': 'shop-00001' });
    expect(span?.attributes['ebb.cold_start_ms']).toBeGreaterThan(10);
    expect(span?.attributes['ebb.queue_ms']).toBeGreaterThan(10);
    expect(parseTraceparent(first.body.headers.traceparent)).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: span?.spanContext().spanId,
    });
    expect(first.body.headers.tracestate).toBe('a=b');
    const second = await call('shop', '/', { headers: { traceparent: TRACEPARENT } });
    expect(second.body.headers.traceparent).toBe(TRACEPARENT);
    await telemetry.flush();
    expect(exporter.getFinishedSpans()).toHaveLength(1);
    await telemetry.shutdown();
  });
});

/** Sends lines over a connection of its own and reads until it is closed. */
function raw(url: string, lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.on('error', reject).on('close', () => resolve(text));
    socket.write(lines.join('\r\n'));
  });
}
