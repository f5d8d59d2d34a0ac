import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { deferred } from '@ebb/core';
import { ask, gatewayWith, holds, rawConnection, stopAll, upstreamWith } from '../gateway.fixture.ts';

afterEach(stopAll);

describe('a gateway that is told to stop', () => {
  it('finishes what is in flight, and takes nothing new', async () => {
    const held = deferred();
    const upstream = await upstreamWith((_request, response) => void held.promise.then(() => response.end('done')));
    const gateway = await gatewayWith([{ path: '/x', to: upstream.url, access: 'anyone' }]);
    const pending = ask(gateway.port, '/x');
    await holds(async () => expect(await gateway.metrics()).toContain('ebb_gateway_in_flight 1'));
    const stopping = gateway.stop();
    // Not by a request: one that was still taken would be in flight as well.
    await holds(() => assertRefused(gateway.port));
    held.resolve();
    expect(await pending).toMatchObject({ status: 200, text: 'done', headers: { connection: 'close' } });
    await stopping;
  });

  it('loses no request of clients that keep their connections', async () => {
    const upstream = await upstreamWith((_request, response) => response.end('ok'));
    const routes = [{ path: '/x', to: upstream.url, access: 'anyone' }];
    const gateway = await gatewayWith(routes, { config: { DRAIN_DELAY: 3_000 } });
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    let isStopped = false;
    let answered = 0;
    const statuses = new Set<number>();
    const client = async (): Promise<void> => {
      while (!isStopped) {
        statuses.add(await status(gateway.port, agent));
        answered += 1;
      }
    };
    const clients = Array.from({ length: 4 }, client);
    await holds(() => expect(answered).toBeGreaterThan(20));
    const stopping = gateway.stop();
    // Whoever balances has heard by now that this one is not ready.
    const before = answered;
    await holds(() => expect(answered).toBeGreaterThan(before + 8));
    isStopped = true;
    await Promise.all(clients);
    await stopping;
    agent.destroy();
    expect([...statuses]).toEqual([200]);
  });

  it('does not wait for streams', async () => {
    const upstream = await upstreamWith((_request, response) => response.write('data: 1\n\n'));
    const gateway = await gatewayWith([{ path: '/x', to: upstream.url, access: 'anyone', stream: true }]);
    const { socket, received } = await rawConnection(gateway.port);
    socket.write('GET /x HTTP/1.1\r\nhost: a\r\n\r\n');
    await holds(() => expect(received()).toContain('data: 1'));
    await gateway.stop();
    await holds(() => expect(socket.destroyed).toBe(true));
  });
});

function assertRefused(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('error', () => resolve());
    socket.once('connect', () => {
      socket.destroy();
      reject(new Error('it still takes connections'));
    });
  });
}

function status(port: number, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const out = request({ host: '127.0.0.1', port, path: '/x', agent }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
    });
    out.once('error', reject).end();
  });
}
