import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ask, gatewayWith, holds, rawConnection, stopAll, upstreamWith } from '../gateway.fixture.ts';

afterEach(stopAll);

const routeTo = (to: string, more: object = {}) => ({
  path: '/x',
  methods: ['GET', 'POST'],
  to,
  access: 'anyone',
  ...more,
});

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('an upstream in trouble', () => {
  it('that cannot be reached is answered for with 503, and is soon not asked any more', async () => {
    const gateway = await gatewayWith([routeTo(`http://127.0.0.1:${await freePort()}`)]);
    for (let nth = 0; nth < 10; nth += 1) {
      const reply = await ask(gateway.port, '/x');
      expect(reply).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
      expect(JSON.parse(reply.text)).toMatchObject({ detail: expect.stringContaining('cannot be reached') as unknown });
    }
    const open = await ask(gateway.port, '/x');
    expect(open).toMatchObject({ status: 503, headers: { 'retry-after': '60' } });
    expect(JSON.parse(open.text)).toMatchObject({ detail: expect.stringContaining('not asked') as unknown });
    const metrics = await gateway.metrics();
    expect(metrics).toMatch(/ebb_gateway_circuit_state\{upstream="http:[^"]*"\} 2/);
    expect(metrics).toContain('failure="refused"} 10');
    expect(metrics).toContain('ebb_gateway_rejected_total{reason="circuit-open"} 1');
  });

  it('is asked again after a while, and serves again when it answers', async () => {
    let status = 500;
    const upstream = await upstreamWith((_incoming, response) => response.writeHead(status).end());
    const gateway = await gatewayWith([routeTo(upstream.url)], { config: { CIRCUIT_PAUSE: 50 } });
    for (let nth = 0; nth < 10; nth += 1) expect((await ask(gateway.port, '/x')).status).toBe(500);
    expect(await gateway.metrics()).toMatch(/circuit_state\{[^}]*\} [12]/);
    status = 200;
    await holds(async () => expect((await ask(gateway.port, '/x')).status).toBe(200));
    expect(await gateway.metrics()).toMatch(/circuit_state\{[^}]*\} 0/);
  });

  it('that is too slow is given up with 504', async () => {
    let isGone = false;
    const upstream = await upstreamWith((_incoming, response) => {
      response.once('close', () => (isGone = true));
    });
    const gateway = await gatewayWith([routeTo(upstream.url, { timeout: '50ms' })]);
    expect((await ask(gateway.port, '/x')).status).toBe(504);
    await holds(() => expect(isGone).toBe(true));
  });

  it('may take longer when it has to wake, and no longer once it is awake', async () => {
    const upstream = await upstreamWith((request, response) => {
      if (request.headers['x-slow'] === undefined) response.end('at once');
      else setTimeout(() => response.end('late'), 300);
    });
    const routes = [routeTo(upstream.url, { timeout: '100ms' })];
    const gateway = await gatewayWith(routes, { config: { WAKE_TIMEOUT: 60_000 } });
    const slow = { headers: { 'x-slow': '1' } };
    expect(await ask(gateway.port, '/x', slow)).toMatchObject({ status: 200, text: 'late' });
    expect(await ask(gateway.port, '/x', slow)).toMatchObject({ status: 504 });
  });

  it('is not blamed for a client that does not send its body', async () => {
    const upstream = await upstreamWith((incoming, response) => incoming.resume().once('end', () => response.end()));
    const gateway = await gatewayWith([routeTo(upstream.url, { timeout: '50ms' })]);
    const { socket, received } = await rawConnection(gateway.port);
    socket.write('POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhalf');
    await holds(() => expect(received()).toContain('408'));
    expect(await gateway.metrics()).not.toContain('ebb_gateway_upstream_failures_total{');
  });

  it('that does not speak HTTP, or breaks off, is answered for with 502', async () => {
    const port = await rawUpstream((socket) => socket.end('hello\r\n\r\n'));
    const gateway = await gatewayWith([routeTo(`http://127.0.0.1:${port}`)]);
    expect((await ask(gateway.port, '/x')).status).toBe(502);
    const broken = await rawUpstream((socket) => socket.destroy());
    await gateway.writeRoutes([routeTo(`http://127.0.0.1:${broken}`)]);
    await gateway.source.look();
    expect((await ask(gateway.port, '/x')).status).toBe(502);
  });

  it('that closed the connection in between is asked once more, over a new one, where that changes nothing', async () => {
    let sent = 0;
    const port = await rawUpstream((socket, nth) => {
      sent += 1;
      // The first answer keeps the connection; what is sent over it after that is cut off without an answer.
      if (nth === 0) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      else socket.resetAndDestroy();
    });
    const gateway = await gatewayWith([routeTo(`http://127.0.0.1:${port}`)]);
    expect((await ask(gateway.port, '/x')).status).toBe(200);
    expect((await ask(gateway.port, '/x')).status).toBe(200);
    expect(sent).toBe(3);
    const statuses = [];
    for (let nth = 0; nth < 2; nth += 1) {
      statuses.push((await ask(gateway.port, '/x', { method: 'POST', body: 'x' })).status);
    }
    expect(statuses).toEqual([200, 502]);
  });
});

const rawServers: { close: () => void }[] = [];
afterEach(() => {
  for (const server of rawServers.splice(0)) server.close();
});

/** Calls back with each piece that comes, and its number on that connection. */
async function rawUpstream(onData: (socket: Socket, nth: number) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    let pieces = 0;
    sockets.add(socket);
    socket.on('error', () => undefined).on('data', () => onData(socket, pieces++));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  rawServers.push({
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
  return (server.address() as AddressInfo).port;
}
