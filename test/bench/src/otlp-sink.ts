import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Takes spans and counts the exports: that tracing was on is checked, not believed. */
export interface OtlpSink {
  readonly endpoint: string;
  exports(): number;
  close(): void;
}

export async function openSink(): Promise<OtlpSink> {
  let exports = 0;
  const server = createServer((request, response) => {
    exports += 1;
    request.resume();
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exports: () => exports,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
