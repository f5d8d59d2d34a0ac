import { afterEach, describe, expect, it } from '@jest/globals';
import { ask, gatewayWith, stopAll, upstreamWith } from './gateway.fixture.ts';

afterEach(stopAll);

async function echo() {
  return upstreamWith((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      response.setHeader('content-type', 'application/json');
      response.setHeader('x-powered-by', 'test');
      response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }));
    });
  });
}

describe('the gateway', () => {
  it('passes a request on, and its answer back', async () => {
    const upstream = await echo();
    const gateway = await gatewayWith([
      { path: '/things/:id', methods: ['GET', 'POST'], to: `${upstream.url}/base`, access: 'anyone' },
    ]);
    const { status, headers, text } = await ask(gateway.port, '/things/a%20b/?q=1', {
      method: 'POST',
      headers: { 'content-type': 'text/plain', 'x-request-id': 'r-1', 'x-own': 'kept', 'ebb-identity': 'forged' },
      body: 'hello',
    });
    expect({ status, id: headers['x-request-id'] }).toEqual({ status: 200, id: 'r-1' });
    const seen = JSON.parse(text) as { headers: Record<string, string> };
    expect(seen).toMatchObject({ method: 'POST', url: '/base/things/a%20b?q=1', body: 'hello' });
    expect(seen.headers).toMatchObject({
      host: `127.0.0.1:${upstream.port}`,
      'x-own': 'kept',
      'x-request-id': 'r-1',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': `127.0.0.1:${gateway.port}`,
      'content-length': '5',
    });
    expect(seen.headers).not.toHaveProperty('ebb-identity');
  });

  it('refuses what it has no route for, with a problem', async () => {
    const gateway = await gatewayWith([{ path: '/a', to: 'http://127.0.0.1:1', access: 'anyone' }]);
    const none = await ask(gateway.port, '/b');
    expect(none).toMatchObject({ status: 404, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(none.text)).toMatchObject({ status: 404, requestId: none.headers['x-request-id'] });
    expect(await ask(gateway.port, '/a', { method: 'DELETE' })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD, OPTIONS' },
    });
    expect(await ask(gateway.port, '/a', { method: 'OPTIONS' })).toMatchObject({ status: 204 });
    expect(await ask(gateway.port, '/a/%2e%2e/b')).toMatchObject({ status: 400 });
    expect(await gateway.metrics()).toContain('ebb_gateway_rejected_total{reason="unmatched"} 1');
  });
});
