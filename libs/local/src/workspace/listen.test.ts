import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { listen } from './listen.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function newServer(): Server {
  const server = createServer();
  servers.push(server);
  return server;
}

describe('listen', () => {
  it('takes the next free port when the wanted one is taken', async () => {
    const first = newServer();
    const taken = await listen(first, 0, true);
    const port = await listen(newServer(), taken, false);
    expect(port).toBeGreaterThan(taken);
  });

  it('insists on a port that was asked for', async () => {
    const taken = await listen(newServer(), 0, true);
    await expect(listen(newServer(), taken, true)).rejects.toThrow(`port ${taken} cannot be used (EADDRINUSE)`);
  });

  it('listens on the loopback address only', async () => {
    const server = newServer();
    await listen(server, 0, true);
    expect((server.address() as AddressInfo).address).toBe('127.0.0.1');
  });
});
