import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import { gatewayWith, holds, rawConnection, stopAll, upstreamWith } from '../gateway.fixture.ts';
import { refusal } from '../pipeline/refusal.ts';

const open: { close: () => void }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) each.close();
  await stopAll();
});

async function webSocketUpstream() {
  const upstream = await upstreamWith((_request, response) => response.writeHead(426).end());
  const server = new WebSocketServer({ server: upstream.server });
  server.on('connection', (socket) => {
    socket.on('message', (data: RawData, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on('error', () => undefined);
  });
  open.push({
    close: () => {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  });
  return { ...upstream, clients: server.clients };
}

function webSocket(port: number, path: string): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
  socket.on('error', () => undefined);
  open.push({ close: () => socket.terminate() });
  return socket;
}

const routeTo = (to: string, stream = true) => ({ path: '/ws', to, access: 'anyone', stream });

/** The status with which a WebSocket is turned down. */
async function refusedWith(port: number, path: string): Promise<number> {
  const { socket, received } = await rawConnection(port);
  const key = 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13';
  socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\n${key}\r\n\r\n`);
  await holds(() => expect(received()).toContain('\r\n\r\n'));
  return Number(/^HTTP\/1\.1 (\d+)/.exec(received())?.[1]);
}

describe('a WebSocket', () => {
  it('goes through, both ways, until one side closes it', async () => {
    const upstream = await webSocketUpstream();
    const gateway = await gatewayWith([routeTo(upstream.url)]);
    const socket = webSocket(gateway.port, '/ws');
    await once(socket, 'open');
    const large = 'x'.repeat(300_000);
    for (const message of ['hello', large]) {
      const echoed = once(socket, 'message');
      socket.send(message);
      expect(String((await echoed)[0])).toBe(message);
    }
    expect(await gateway.metrics()).toContain('ebb_gateway_tunnels 1');
    socket.terminate();
    await holds(() => expect(upstream.clients.size).toBe(0));
    await holds(async () => expect(await gateway.metrics()).toContain('ebb_gateway_tunnels 0'));
    expect(await gateway.metrics()).toContain('status="101"} 1');
  });

  it('is closed for the client when the upstream goes away', async () => {
    const upstream = await webSocketUpstream();
    const gateway = await gatewayWith([routeTo(upstream.url)]);
    const socket = webSocket(gateway.port, '/ws');
    await once(socket, 'open');
    const closed = once(socket, 'close');
    for (const client of upstream.clients) client.terminate();
    await closed;
  });

  it('is closed when nothing was said for long', async () => {
    const upstream = await webSocketUpstream();
    const gateway = await gatewayWith([routeTo(upstream.url)], { config: { STREAM_IDLE_TIMEOUT: 100 } });
    const socket = webSocket(gateway.port, '/ws');
    await once(socket, 'close');
    await holds(() => expect(upstream.clients.size).toBe(0));
  });

  it('is only for those who may, on routes that take one', async () => {
    const upstream = await webSocketUpstream();
    const policies = { authorize: () => refusal('unauthenticated', 401, 'sign in') };
    const closed = await gatewayWith([routeTo(upstream.url)], { policies });
    expect(await refusedWith(closed.port, '/ws')).toBe(401);
    expect(upstream.clients.size).toBe(0);
    const gateway = await gatewayWith([routeTo(upstream.url, false)]);
    expect(await refusedWith(gateway.port, '/ws')).toBe(400);
    expect(await refusedWith(gateway.port, '/none')).toBe(404);
  });

  it('that the upstream turns down is turned down', async () => {
    const upstream = await upstreamWith((_request, response) => response.writeHead(200).end('no'));
    upstream.server.on('upgrade', (_request, socket) => {
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    });
    const gateway = await gatewayWith([routeTo(upstream.url)]);
    expect(await refusedWith(gateway.port, '/ws')).toBe(403);
  });
});
