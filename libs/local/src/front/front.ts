import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { problem } from '@ebb/core';
import type { Serving } from '../serving/serving.ts';
import { isCrossOrigin, sendProblem } from './answer.ts';
import { targetOf } from './hosts.ts';

/** A part of the platform: answers the paths that are its own, and says so. */
export type PlatformHandler = (req: IncomingMessage, res: ServerResponse) => boolean;

/** What stands behind the one port. */
export interface Backend {
  readonly serving: Pick<Serving, 'has' | 'proxy' | 'upgrade'>;
  readonly platform: readonly PlatformHandler[];
}

/** Time for a client to send all of its headers, and all of its request: a slow one gives its place back. */
const HEADERS_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 120_000;
const MAX_HEADER_BYTES = 32 * 1024;

/**
 * The one port of the local runtime: hosts of services go to them, everything else is the platform.
 * It listens before the rest is up, and answers 503 until `backend` is given.
 */
export class Front {
  readonly server: Server;
  #backend: Backend | undefined;

  constructor() {
    const listener: RequestListener = (req, res) => this.#answer(req, res);
    this.server = createServer(
      { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: MAX_HEADER_BYTES },
      listener,
    );
    this.server.on('clientError', answerClientError);
    this.server.on('upgrade', (req, socket, head) => this.#upgrade(req, socket, head));
  }

  open(backend: Backend): void {
    this.#backend = backend;
  }

  /** Ends new and idle connections at once; those with a request under way end with it. */
  async close(): Promise<void> {
    this.#backend = undefined;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    // Streams such as `ebb tail` never end by themselves.
    setTimeout(() => this.server.closeAllConnections(), 500).unref();
    await closed;
  }

  /** Only services speak WebSocket; the platform does not. */
  #upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    const target = targetOf(req.headers.host);
    if (this.#backend && target.kind === 'service' && this.#backend.serving.has(target.name)) {
      this.#backend.serving.upgrade(target.name, req, socket, head);
    } else socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
  }

  #answer(req: IncomingMessage, res: ServerResponse): void {
    const backend = this.#backend;
    if (!backend) {
      sendProblem(res, problem(503, 'Ebb is starting or stopping; try again in a moment.'), { 'retry-after': '1' });
      return;
    }
    const target = targetOf(req.headers.host);
    if (target.kind === 'service') answerService(backend, target.name, req, res);
    else if (target.kind === 'stranger')
      sendProblem(res, problem(421, `no service has the host "${req.headers.host ?? ''}"`));
    else answerPlatform(backend, req, res);
  }
}

function answerService(backend: Backend, name: string, req: IncomingMessage, res: ServerResponse): void {
  if (backend.serving.has(name)) backend.serving.proxy(name, req, res);
  else sendProblem(res, problem(404, `there is no service "${name}" here; npx ebb status lists them`));
}

function answerPlatform(backend: Backend, req: IncomingMessage, res: ServerResponse): void {
  if (isCrossOrigin(req)) {
    sendProblem(res, problem(403, 'a page of another origin may not use this interface'));
    return;
  }
  if (backend.platform.some((handler) => handler(req, res))) return;
  sendProblem(res, problem(404, `nothing is served at ${req.url ?? '/'}`));
}

const CLIENT_ERRORS: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, `the request's line and headers are over ${MAX_HEADER_BYTES} bytes`],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request came too slowly'],
};

function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const document = problem(...(CLIENT_ERRORS[error.code ?? ''] ?? [400, 'the request is no valid HTTP']));
  const { status, title } = document;
  const body = JSON.stringify(document);
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
