import { afterEach, describe, expect, it } from '@jest/globals';
import { gatewayWith, holds, rawConnection, stopAll, upstreamWith } from '../gateway.fixture.ts';

afterEach(stopAll);

/** What came through to the upstream, in order. */
async function watched(more: Parameters<typeof gatewayWith>[1] = {}) {
  const seen: { target: string; headers: Record<string, unknown>; body: string }[] = [];
  const upstream = await upstreamWith((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.once('end', () => {
      const { method, url, headers } = incoming;
      seen.push({ target: `${method ?? ''} ${url ?? ''}`, headers, body: Buffer.concat(chunks).toString() });
      response.end('ok');
    });
  });
  const gateway = await gatewayWith(
    [{ path: '/x', methods: ['GET', 'POST'], to: upstream.url, access: 'anyone', maxBody: 1_000 }],
    more,
  );
  return { ...gateway, seen };
}

const request = (lines: readonly string[], body = ''): string => [...lines, '', body].join('\r\n');

describe('requests that are meant to be read in two ways', () => {
  it.each<[string, string]>([
    [
      'a length beside an encoding',
      request(
        ['POST /x HTTP/1.1', 'host: a', 'content-length: 4', 'transfer-encoding: chunked'],
        '0\r\n\r\nGET /admin HTTP/1.1\r\n\r\n',
      ),
    ],
    ['two lengths', request(['POST /x HTTP/1.1', 'host: a', 'content-length: 1', 'content-length: 2'], 'ab')],
    ['a length that is no number', request(['POST /x HTTP/1.1', 'host: a', 'content-length: +1'], 'a')],
    ['an encoding that hides', request(['POST /x HTTP/1.1', 'host: a', 'transfer-encoding: x, chunked'], '0\r\n\r\n')],
    ['an encoding twice', request(['POST /x HTTP/1.1', 'host: a', 'transfer-encoding: chunked, chunked'], '0\r\n\r\n')],
    ['an encoding with a space', request(['POST /x HTTP/1.1', 'host: a', 'transfer-encoding : chunked'], '0\r\n\r\n')],
    ['an encoding in HTTP/1.0', request(['POST /x HTTP/1.0', 'host: a', 'transfer-encoding: chunked'], '0\r\n\r\n')],
    ['a folded line', request(['GET /x HTTP/1.1', 'host: a', 'x-a: b', ' c: d'])],
    ['two hosts', request(['GET /x HTTP/1.1', 'host: a', 'host: b'])],
    ['no host', request(['GET /x HTTP/1.1'])],
    ['a line that ends in LF only', 'GET /x HTTP/1.1\nhost: a\n\n'],
    ['a NUL in a header', request(['GET /x HTTP/1.1', 'host: a', 'x: a\u0000b'])],
    ['an absolute target', request(['GET http://other/x HTTP/1.1', 'host: a'])],
    ['a chunk size that is none', request(['POST /x HTTP/1.1', 'host: a', 'transfer-encoding: chunked'], 'zz\r\n')],
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['another version', request(['GET /x HTTP/3.7', 'host: a'])],
  ])('%s: answered with 400, and the connection is closed or the next request is read right', async (_what, bytes) => {
    const gateway = await watched();
    const { socket, received } = await rawConnection(gateway.port);
    socket.write(bytes, 'latin1');
    await holds(() => expect(received()).toMatch(/^HTTP\/1\.1 400 /));
    expect(received().match(/HTTP\/1\.1 /g)).toHaveLength(1);
    for (const { target, body } of gateway.seen) expect([target, body]).toEqual(['POST /x', '']);
  });

  it('have no way through with headers that they call hop-by-hop', async () => {
    const gateway = await watched();
    const { socket, received } = await rawConnection(gateway.port);
    const smuggled = 'GET /admin HTTP/1.1\r\nhost: a\r\n\r\n';
    const lines = ['GET /x HTTP/1.1', 'host: a', `content-length: ${smuggled.length}`];
    socket.write(
      request([...lines, 'connection: content-length, x-secret, host', 'x-secret: 1', 'te: trailers'], smuggled),
    );
    await holds(() => expect(received()).toContain('200 OK'));
    expect(gateway.seen).toHaveLength(1);
    expect(gateway.seen[0]).toMatchObject({ target: 'GET /x', body: smuggled });
    expect(gateway.seen[0]?.headers).not.toHaveProperty('x-secret');
    expect(gateway.seen[0]?.headers).not.toHaveProperty('te');
  });

  it('bring no trailers along', async () => {
    const gateway = await watched();
    const { socket, received } = await rawConnection(gateway.port);
    const lines = ['POST /x HTTP/1.1', 'host: a', 'transfer-encoding: chunked', 'trailer: x-late'];
    socket.write(request(lines, '1\r\na\r\n0\r\nx-late: 1\r\n\r\n'));
    await holds(() => expect(received()).toContain('200 OK'));
    expect(gateway.seen[0]).toMatchObject({ body: 'a', headers: { 'transfer-encoding': 'chunked' } });
    expect(gateway.seen[0]?.headers).not.toHaveProperty('trailer');
  });

  it('are answered in their order when they come in one piece', async () => {
    const gateway = await watched();
    const { socket, received } = await rawConnection(gateway.port);
    socket.write(['/x?n=1', '/none', '/x?n=2'].map((url) => request([`GET ${url} HTTP/1.1`, 'host: a'])).join(''));
    await holds(() => expect(received().match(/HTTP\/1\.1 (\d+)/g)).toHaveLength(3));
    expect(received().match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 200']);
    expect(gateway.seen.map(({ target }) => target)).toEqual(['GET /x?n=1', 'GET /x?n=2']);
  });
});

describe('offers to upgrade', () => {
  it.each(['GET', 'POST'])('to what is not served do not count: %s', async (method) => {
    const gateway = await watched();
    const { socket, received } = await rawConnection(gateway.port);
    const offer = ['connection: Upgrade, HTTP2-Settings', 'upgrade: h2c', 'http2-settings: AAMAAABkAAQAoAAAAAIAAAAA'];
    const body = method === 'POST' ? 'hello' : '';
    socket.write(request([`${method} /x HTTP/1.1`, 'host: a', ...offer, `content-length: ${body.length}`], body));
    await holds(() => expect(received()).toContain('200 OK'));
    expect(gateway.seen[0]).toMatchObject({ target: `${method} /x`, body });
    socket.write(request(['GET /x HTTP/1.1', 'host: a']));
    await holds(() => expect(gateway.seen).toHaveLength(2));
  });
});

describe('clients that take their time', () => {
  it('are let go when they do not finish their headers', async () => {
    const gateway = await watched({ config: { HEADERS_TIMEOUT: 100 } });
    const { socket, received } = await rawConnection(gateway.port);
    let isClosed = false;
    socket.once('close', () => (isClosed = true));
    socket.write('GET /x HTTP/1.1\r\nhost: a\r\nx-slow: ');
    await holds(() => expect(isClosed).toBe(true));
    expect(received()).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('are let go when there are more of them than allowed', async () => {
    const gateway = await watched({ config: { MAX_CONNECTIONS: 2 } });
    await rawConnection(gateway.port);
    await rawConnection(gateway.port);
    const { socket } = await rawConnection(gateway.port);
    let isClosed = socket.destroyed;
    socket.once('close', () => (isClosed = true));
    await holds(() => expect(isClosed || socket.destroyed).toBe(true));
    expect(await gateway.metrics()).toContain('ebb_gateway_connections_dropped_total 1');
  });

  it('with headers that are too long are told', async () => {
    const gateway = await watched();
    const { socket, received } = await rawConnection(gateway.port);
    socket.write(request(['GET /x HTTP/1.1', 'host: a', `x-long: ${'a'.repeat(20_000)}`]));
    await holds(() => expect(received()).toMatch(/^HTTP\/1\.1 431 /));
  });
});
