import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What answers in a pod. */
export interface Backend {
  readonly port: number;
  readonly asked: Asked[];
  stop(): Promise<void>;
}

/** Answers with JSON, or as `answer` likes; `undefined` is 404. */
export async function backend(
  answer: (
    asked: Asked,
    res: ServerResponse,
  ) => { readonly status?: number; readonly body?: unknown } | 'answered' | undefined,
): Promise<Backend> {
  const asked: Asked[] = [];
  const server: Server = createServer((req, res) => {
    void text(req).then((body) => {
      const one = { method: req.method ?? '', path: req.url ?? '', headers: req.headers, body };
      asked.push(one);
      const reply = answer(one, res);
      if (reply === 'answered') return;
      const { status = 200, body: document } = reply ?? { status: 404, body: { title: 'Not Found', status: 404 } };
      res.writeHead(status, { 'content-type': 'application/json' });
      res.end(document === undefined ? undefined : JSON.stringify(document));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
