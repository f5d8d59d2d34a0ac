import { createServer, request, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { duplexPair } from 'node:stream';
import type { Json } from '@ebb/core';

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a Buffer goes as it is. */
  readonly body?: Json | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON. Say what you expect: it is not checked. */
  readonly json: () => unknown;
}

/** Sends one request to a listener through memory: Node's own HTTP on both sides, but no socket and no port. */
export function send(
  listener: RequestListener,
  method: string,
  path: string,
  { headers = {}, body }: RequestOptions = {},
): Promise<Answer> {
  const [client, server] = duplexPair();
  // The two ends of a pair do not tell each other when one is torn down, as those of a connection do.
  server.once('close', () => {
    if (!server.writableFinished) client.destroy(new Error('socket hang up'));
  });
  client.once('close', () => server.destroy());
  createServer(listener).emit('connection', server);
  return new Promise((resolve, reject) => {
    const payload = payloadOf(body);
    const outgoing = request(
      {
        method,
        path,
        headers: {
          host: 'service.test',
          connection: 'close',
          ...(payload && { 'content-length': payload.length }),
          ...(payload && !Buffer.isBuffer(body) && { 'content-type': 'application/json' }),
          ...headers,
        },
        createConnection: () => client,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const { statusCode = 0, headers: received } = response;
          resolve({ status: statusCode, headers: received, text, json: () => JSON.parse(text) as unknown });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}

function payloadOf(body: Json | Buffer | undefined): Buffer | undefined {
  if (body === undefined || Buffer.isBuffer(body)) return body;
  return Buffer.from(JSON.stringify(body));
}
