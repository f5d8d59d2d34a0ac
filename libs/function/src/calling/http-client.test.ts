import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { EbbError, RetryableError, TimeoutError } from '@ebb/core';
import { inSpan, startTelemetry, traceparentOf } from '@ebb/telemetry';
import { httpClient } from './http-client.ts';

let server: Server | undefined;

async function serve(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `http://shop.localhost:${(started.address() as AddressInfo).port}`;
}

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

const get = { method: 'GET', path: '/' } as const;

describe('a client of a service', () => {
  it('sends JSON, and reads it', async () => {
    const address = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method, url, headers } = request;
        const body = Buffer.concat(chunks).toString();
        response.writeHead(201).end(JSON.stringify({ method, url, type: headers['content-type'], body }));
      });
    });
    const reply = await httpClient(address).send({ method: 'POST', path: '/things', body: { a: 1 } });
    expect(reply.status).toBe(201);
    expect(reply.json()).toEqual({ method: 'POST', url: '/things', type: 'application/json', body: '{"a":1}' });
  });

  it('carries the trace on', async () => {
    const address = await serve((request, response) => response.end(request.headers.traceparent));
    const telemetry = startTelemetry({ service: 'test', logLevel: 'silent' });
    await inSpan(telemetry.tracer, 'call', {}, async (span) => {
      expect((await httpClient(address).send(get)).text).toBe(traceparentOf(span));
    });
    await telemetry.shutdown();
  });

  it('says that nothing happened when nobody listens', async () => {
    const address = await serve(() => undefined);
    await new Promise((resolve) => server?.close(resolve));
    await expect(httpClient(address).send(get)).rejects.toThrow(RetryableError);
  });

  it('takes no more of an answer than it was told to', async () => {
    const address = await serve((_request, response) => response.end('x'.repeat(65)));
    await expect(httpClient(address, { maxAnswerBytes: 64 }).send(get)).rejects.toThrow('larger than 64 bytes');
    await expect(httpClient(address, { maxAnswerBytes: 65 }).send(get)).resolves.toMatchObject({ status: 200 });
  });

  it('does not say so when the answer was lost', async () => {
    const address = await serve((request) => request.socket.destroy());
    const error: unknown = await httpClient(address)
      .send(get)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EbbError);
    expect(error).not.toBeInstanceOf(RetryableError);
  });

  it('does not wait for ever, nor after its caller gave up', async () => {
    const address = await serve((_request, response) => void response.writeHead(200).write('half'));
    await expect(httpClient(address, { timeoutMs: 50 }).send(get)).rejects.toThrow(TimeoutError);
    const gaveUp = new Error('gave up');
    await expect(httpClient(address).send({ ...get, signal: AbortSignal.abort(gaveUp) })).rejects.toThrow(gaveUp);
  });
});
