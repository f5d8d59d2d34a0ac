import type { IncomingMessage, Server } from 'node:http';

/** Has the server read a request once more, without the offer to upgrade: Node has no other way to turn it down. */
export function withoutUpgrade(server: Server, request: IncomingMessage, head: Buffer): void {
  const lines = [`${request.method ?? 'GET'} ${request.url ?? '/'} HTTP/${request.httpVersion}`];
  const { rawHeaders, socket } = request;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (!/^(?:upgrade|connection|http2-settings)$/i.test(name)) lines.push(`${name}: ${rawHeaders[at + 1] ?? ''}`);
  }
  // The parser has checked all of it: no value holds a line break.
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}
