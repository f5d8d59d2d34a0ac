import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, testDatabase, type TestDatabase } from '@ebb/test-database';
import { listen } from './listen.ts';
import { withConnection } from './migrate/connect.ts';

describe('listening', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.drop());

  const asAdmin = (text: string): Promise<unknown> =>
    withConnection(database.url, 'test', (client) => client.query(text));

  it('hears notifications, also after its connection broke, until it is told to stop', async () => {
    const [stopping, heard] = [new AbortController(), new Set<string>()];
    let connections = 0;
    const listening = listen({
      url: database.url,
      channel: 'odd Channel',
      onNotification: (payload) => heard.add(payload),
      onListening: () => (connections += 1),
      signal: stopping.signal,
    });
    await eventually(() => connections === 1);
    await asAdmin(`notify "odd Channel", 'first'`);
    await eventually(() => heard.has('first'));
    await asAdmin(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ebb-listen-odd Channel'`,
    );
    await eventually(() => connections === 2);
    await asAdmin(`notify "odd Channel", 'second'`);
    await eventually(() => heard.has('second'));
    stopping.abort();
    await listening;
    expect(connections).toBe(2);
  });

  it('stops while it cannot connect', async () => {
    const stopping = new AbortController();
    const url = new URL(database.url);
    url.port = '1';
    const listening = listen({
      url: url.href,
      channel: 'a',
      onNotification: () => undefined,
      signal: stopping.signal,
    });
    stopping.abort();
    await listening;
  });

  it('stops while the server does not answer', async () => {
    const [stopping, sockets] = [new AbortController(), new Set<Socket>()];
    const silent = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const url = new URL(database.url);
    url.port = String((silent.address() as AddressInfo).port);
    const options = { url: url.href, channel: 'a', onNotification: () => undefined, signal: stopping.signal };
    const listening = listen(options);
    try {
      await eventually(() => sockets.size === 1);
      const from = performance.now();
      stopping.abort();
      await listening;
      expect(performance.now() - from).toBeLessThan(2_000);
    } finally {
      for (const socket of sockets) socket.destroy();
      silent.close();
    }
  });
});
