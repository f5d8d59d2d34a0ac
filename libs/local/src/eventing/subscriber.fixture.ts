import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as a subscriber saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A tiny HTTP server on a free port that keeps what it was sent. */
export interface TestSubscriber {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  /** Requests that are being answered. */
  readonly active: number;
  readonly maxActive: number;
  /** The ids of the events, in order of arrival. */
  ids(): readonly string[];
  close(): Promise<void>;
}

export async function startSubscriber(
  answer: (request: SeenRequest, nth: number) => TestAnswer | Promise<TestAnswer> = () => ({ status: 204 }),
): Promise<TestSubscriber> {
  const seen: SeenRequest[] = [];
  let active = 0;
  let maxActive = 0;
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const { method = '', url: path = '', headers } = req;
      const request = { method, path, headers, body: Buffer.concat(chunks).toString() };
      seen.push(request);
      active += 1;
      maxActive = Math.max(maxActive, active);
      void Promise.resolve(answer(request, seen.length)).then(({ status, headers: answered = {}, body }) => {
        active -= 1;
        res.writeHead(status, answered).end(body);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    get active() {
      return active;
    },
    get maxActive() {
      return maxActive;
    },
    ids: () => seen.map(({ headers }) => String(headers['ce-id'])),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
