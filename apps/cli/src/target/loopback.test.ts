import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ControlRequest } from '@ebb/local/client';
import { loopback } from './loopback.ts';

const look: ControlRequest = { method: 'GET', path: '/', headers: {}, body: undefined, signal: undefined };

describe('a runtime on this machine', () => {
  let server: Server;
  let answers: boolean;
  const port = (): number => (server.address() as AddressInfo).port;

  beforeEach(async () => {
    answers = true;
    server = createServer((_request, response) => {
      if (answers) response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('answers', async () => {
    expect((await loopback(port())(look)).resume().statusCode).toBe(200);
  });

  it('that hangs, or is gone, is told of with where to look', async () => {
    answers = false;
    const asked = loopback(port(), { GET: 50, POST: 50 })(look);
    await expect(asked).rejects.toMatchObject({
      code: 'EBB_RUNTIME',
      message: `the runtime at port ${port()} did not answer: nothing came within 0.05 s (what it is at: .ebb/logs/runtime.log)`,
    });
    const gone = port();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(loopback(gone)(look)).rejects.toThrow(/ECONNREFUSED.*runtime\.log/);
    server.listen(0, '127.0.0.1');
  });
});
