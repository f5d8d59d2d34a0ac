import { createServer, STATUS_CODES, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

import { deferred, problem, PROBLEM_CONTENT_TYPE } from '@ebb/core';

import type { RequestHandler } from './handler.ts';

export interface HttpServerOptions {
  /** 0 asks for a free one. */
  readonly port: number;
  /** The address to listen on; every address without it. */
  readonly host?: string;
  /** A client must have sent its headers within this. */
  readonly headersTimeoutMs?: number;
  /** A client must have sent its whole request within this. */
  readonly requestTimeoutMs?: number;
}

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** Longer than the 90 s for which Knative's proxy keeps idle connections: it must be the one that closes them. */
const KEEP_ALIVE_TIMEOUT_MS = 120_000;
const CHECK_INTERVAL_MS = 1_000;
const MAX_HEADER_BYTES = 16_384;

/** A listening HTTP server that knows its requests in flight. */
export class HttpServer {
  readonly #server: Server;
  readonly #inFlight = new Set<ServerResponse>();
  #idle = deferred();
  #closing = false;

  private constructor(handler: RequestHandler, options: HttpServerOptions) {
    const headersTimeout = options.headersTimeoutMs ?? HEADERS_TIMEOUT_MS;
    this.#server = createServer(
      {
        headersTimeout,
        requestTimeout: Math.max(headersTimeout, options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS),
        keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
        connectionsCheckingInterval: Math.min(CHECK_INTERVAL_MS, headersTimeout),
        maxHeaderSize: MAX_HEADER_BYTES,
      },
      (request, response) => {
        this.#track(response);
        handler(request, response);
      },
    );
    this.#server.on('clientError', answerClientError);
  }

  /** @throws what listening throws, such as EADDRINUSE */
  static async start(handler: RequestHandler, options: HttpServerOptions): Promise<HttpServer> {
    const server = new HttpServer(handler, options);
    await server.#listen(options);
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /**
   * Takes no new connection, lets the requests in flight finish, and closes what is left after `timeoutMs`.
   * Resolves to the number of requests that did not finish.
   */
  async drain(timeoutMs: number): Promise<number> {
    this.#closing = true;
    this.#server.close();
    // A client that keeps its connection would otherwise send its next request into a process that is ending.
    for (const response of this.#inFlight) response.shouldKeepAlive = false;
    if (this.#inFlight.size > 0) {
      const timer = setTimeout(() => this.#idle.resolve(), timeoutMs);
      await this.#idle.promise;
      clearTimeout(timer);
    }
    const unfinished = this.#inFlight.size;
    this.#server.closeAllConnections();
    return unfinished;
  }

  #listen({ port, host }: HttpServerOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, ...(host !== undefined && { host }) }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  #track(response: ServerResponse): void {
    this.#inFlight.add(response);
    if (this.#closing) response.shouldKeepAlive = false;
    response.once('close', () => {
      this.#inFlight.delete(response);
      if (this.#closing && this.#inFlight.size === 0) this.#idle.resolve();
    });
  }
}

const STATUS_OF_CLIENT_ERROR: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** What could not be read as HTTP: answered as such, and the connection is closed. */
function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = STATUS_OF_CLIENT_ERROR[error.code ?? ''] ?? 400;
  const body = JSON.stringify(problem(status));
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      `content-type: ${PROBLEM_CONTENT_TYPE}`,
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
