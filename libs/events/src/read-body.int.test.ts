import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deferred, type Deferred } from '@ebb/core';
import { readBody } from './read-body.ts';

let server: Server;
let socket: Socket;
let outcome: Deferred<Buffer>;
let abort: AbortController;
let request: IncomingMessage | undefined;

beforeEach(async () => {
  outcome = deferred<Buffer>();
  // A test that does not look at the outcome leaves it unhandled otherwise.
  outcome.promise.catch(() => undefined);
  abort = new AbortController();
  server = createServer((received, response) => {
    request = received;
    readBody(received, 10, abort.signal).then(
      (body) => {
        outcome.resolve(body);
        response.end();
      },
      (error: unknown) => {
        outcome.reject(error);
        response.writeHead(413, { connection: 'close' }).end();
      },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
});

afterEach(async () => {
  socket.destroy();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const send = (headers: string, body = '') => socket.write(`POST / HTTP/1.1\r\nhost: x\r\n${headers}\r\n\r\n${body}`);

describe('readBody', () => {
  it('gives the bytes of a body of known length', async () => {
    send('content-length: 10', '0123456789');
    await expect(outcome.promise).resolves.toEqual(Buffer.from('0123456789'));
  });

  it('puts the pieces of a chunked body together', async () => {
    send('transfer-encoding: chunked', '2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n');
    await expect(outcome.promise).resolves.toEqual(Buffer.from('abcd'));
  });

  it('gives an empty body', async () => {
    send('content-length: 0');
    await expect(outcome.promise).resolves.toEqual(Buffer.alloc(0));
  });

  it('refuses an announced length before a byte has come, and the answer arrives', async () => {
    send('content-length: 11');
    await expect(outcome.promise).rejects.toMatchObject({ code: 'EBB_TOO_LARGE' });
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toContain('413');
  });

  it('refuses a chunked body once it is too large', async () => {
    send('transfer-encoding: chunked', '6\r\nabcdef\r\n5\r\nghijk\r\n');
    await expect(outcome.promise).rejects.toMatchObject({ code: 'EBB_TOO_LARGE' });
  });

  it('notices a client that goes away', async () => {
    send('content-length: 10', 'abc');
    socket.end();
    await expect(outcome.promise).rejects.toMatchObject({ code: 'EBB_RUNTIME' });
  });

  it('stops at its signal', async () => {
    const reached = once(server, 'request');
    send('content-length: 10', 'abc');
    await reached;
    abort.abort(new Error('enough'));
    await expect(outcome.promise).rejects.toThrow('enough');
  });

  it('does not wait for a request that is over, or a signal that has fired', async () => {
    send('content-length: 3', 'abc');
    await outcome.promise;
    request?.destroy();
    await expect(readBody(request!, 10)).rejects.toMatchObject({ code: 'EBB_RUNTIME' });
    await expect(readBody(request!, 10, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});
