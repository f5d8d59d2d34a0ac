import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { inSpan, startTelemetry, type Telemetry } from '../index.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function receiver(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

function start(otlpEndpoint: string) {
  const lines: string[] = [];
  const telemetry = startTelemetry({
    service: 'orders',
    otlpEndpoint,
    scheduledDelayMs: 10,
    logDestination: { write: (line) => lines.push(line) },
  });
  closing.push(() => telemetry.shutdown());
  return { telemetry, lines };
}

const span = ({ tracer }: Telemetry, name: string) => inSpan(tracer, name, {}, () => Promise.resolve());

interface Seen {
  path: string | undefined;
  type: string | undefined;
  names: string[];
}

function collecting(seen: Seen[]): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as {
        resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[];
      };
      const names = body.resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans.map(({ name }) => name)));
      seen.push({ path: request.url, type: request.headers['content-type'], names });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  };
}

describe('export over OTLP/HTTP', () => {
  it('posts JSON to /v1/traces and flush waits for it', async () => {
    const seen: Seen[] = [];
    const { telemetry } = start((await receiver(collecting(seen))).url);
    await span(telemetry, 'first');
    await telemetry.flush();
    await span(telemetry, 'second');
    await telemetry.shutdown();
    expect(seen).toEqual([
      { path: '/v1/traces', type: 'application/json', names: ['first'] },
      { path: '/v1/traces', type: 'application/json', names: ['second'] },
    ]);
  });

  it('exports by itself a moment after a span has ended', async () => {
    const seen: Seen[] = [];
    const { telemetry } = start((await receiver(collecting(seen))).url);
    await span(telemetry, 'alone');
    const deadline = Date.now() + 5_000;
    while (seen.length === 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(seen).toHaveLength(1);
  });

  it('survives that the receiver closes idle connections', async () => {
    const seen: Seen[] = [];
    const { url, server } = await receiver(collecting(seen));
    const { telemetry, lines } = start(url);
    for (let n = 0; n < 5; n += 1) {
      await span(telemetry, `span ${n}`);
      await telemetry.flush();
      server.closeIdleConnections();
    }
    expect(seen).toHaveLength(5);
    expect(lines).toEqual([]);
  });

  it('drops spans and says so once when nobody listens', async () => {
    const { telemetry, lines } = start('http://127.0.0.1:1');
    for (let n = 0; n < 3; n += 1) {
      await span(telemetry, `span ${n}`);
      await telemetry.flush();
    }
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('spans are dropped');
    expect(lines[0]).toContain('"level":"warn"');
  });

  it('gives up a receiver that never answers, so that a drain ends', async () => {
    const { url } = await receiver(() => undefined);
    const { telemetry, lines } = start(url);
    await span(telemetry, 'stuck');
    const started = Date.now();
    await telemetry.flush();
    expect(Date.now() - started).toBeLessThan(5_000);
    expect(lines[0]).toContain('no answer within 2000 ms');
  });

  it('refuses an endpoint that is no URL when it starts', () => {
    expect(() => startTelemetry({ service: 'x', otlpEndpoint: 'collector:4318' })).toThrow('is no endpoint for OTLP');
  });
});
