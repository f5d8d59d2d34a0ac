import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the provider does with one request: an answer, a connection that breaks, or nothing at all. */
export type Script = { readonly status: number; readonly body: unknown } | 'lost' | 'silent';

/** A payment provider that does as it is told, and remembers what it was asked. */
export interface ScriptedProvider {
  readonly url: string;
  /** `POST /authorizations key`, in the order in which they came. */
  readonly asked: string[];
  /** What to do with the next requests; after the last it goes on with that. */
  script: Script[];
  close(): Promise<void>;
}

export async function startProvider(): Promise<ScriptedProvider> {
  const provider = { asked: [] as string[], script: [] as Script[] };
  const listener: RequestListener = (request, response) => {
    const key = request.headers['idempotency-key'];
    provider.asked.push([request.method, request.url, ...(key === undefined ? [] : [key])].join(' '));
    const [next = 'silent'] = provider.script;
    if (provider.script.length > 1) provider.script.shift();
    request.resume();
    if (next === 'lost') request.socket.destroy();
    else if (next !== 'silent') response.writeHead(next.status).end(JSON.stringify(next.body));
  };
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(provider, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
