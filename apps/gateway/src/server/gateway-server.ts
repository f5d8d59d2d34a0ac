import { createServer, ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

import { deferred, systemClock } from '@ebb/core';

import type { Incoming } from '../gateway.ts';
import { answerBare, answerClientError } from './client-error.ts';
import { withoutUpgrade } from './without-upgrade.ts';

export interface GatewayServerOptions {
  /** 0 asks for a free one. */
  readonly port: number;
  /** The address to listen on; every address without it. */
  readonly host: string | undefined;
  /** A client must have sent its headers within this. */
  readonly headersTimeoutMs: number;
  /** A client must have sent its whole request within this. */
  readonly requestTimeoutMs: number;
  /** How long a connection may wait for its next request. */
  readonly keepAliveMs: number;
  readonly maxConnections: number;
  /** Whether the answer may go on for ever. */
  readonly handle: (incoming: Incoming) => { readonly isEndless: boolean };
  readonly onDropped: () => void;
  /** Something that is no HTTP was sent. */
  readonly onClientError: () => void;
}

export interface DrainOptions {
  /** So long requests are still taken: whoever sends them has yet to hear that we are not ready any more. */
  readonly delayMs: number;
  /** So long what is in flight may take to finish after that. */
  readonly timeoutMs: number;
}

const MAX_HEADER_BYTES = 16_384;
/** Limits of time are looked at this often. */
const CHECK_EVERY_MS = 1_000;
const BACKLOG = 4_096;

/** The HTTP server that clients speak to; it knows what is in flight. */
export class GatewayServer {
  readonly #options: GatewayServerOptions;
  readonly #server: Server;
  readonly #inFlight = new Set<ServerResponse>();
  /** What never ends by itself: streams and tunnels. */
  readonly #endless = new Set<ServerResponse>();
  #idle = deferred();
  #isDraining = false;

  private constructor(options: GatewayServerOptions) {
    this.#options = options;
    const { headersTimeoutMs, requestTimeoutMs } = options;
    this.#server = createServer({
      headersTimeout: headersTimeoutMs,
      requestTimeout: Math.max(headersTimeoutMs, requestTimeoutMs),
      keepAliveTimeout: options.keepAliveMs,
      connectionsCheckingInterval: Math.min(CHECK_EVERY_MS, headersTimeoutMs),
      maxHeaderSize: MAX_HEADER_BYTES,
    });
    this.#server.maxConnections = options.maxConnections;
    // The size of all of them is limited; past a number of them the server would drop the rest, and not tell.
    this.#server.maxHeadersCount = 0;
    this.#listenTo(this.#server);
  }

  /** @throws what listening throws, such as EADDRINUSE */
  static async start(options: GatewayServerOptions): Promise<GatewayServer> {
    const server = new GatewayServer(options);
    const { port, host } = options;
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject);
      server.#server.listen({ port, backlog: BACKLOG, ...(host !== undefined && { host }) }, () => {
        server.#server.off('error', reject);
        resolve();
      });
    });
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  connections(): Promise<number> {
    return new Promise((resolve) => this.#server.getConnections((_error, count) => resolve(count)));
  }

  /**
   * Goes on for a while, and closes each connection with its next answer; then takes no new ones, and lets what is in flight finish.
   * What never finishes by itself, streams and tunnels, is cut first: their clients come back to somebody else.
   * Resolves to the number of requests that did not finish.
   */
  async drain({ delayMs, timeoutMs }: DrainOptions): Promise<number> {
    this.#isDraining = true;
    for (const response of this.#inFlight) response.shouldKeepAlive = false;
    await systemClock.sleep(delayMs);
    this.#server.close();
    this.#server.closeIdleConnections();
    for (const response of this.#endless) response.destroy();
    if (this.#inFlight.size > 0) {
      const timer = setTimeout(() => this.#idle.resolve(), timeoutMs);
      await this.#idle.promise;
      clearTimeout(timer);
    }
    const unfinished = this.#inFlight.size;
    this.#server.closeAllConnections();
    return unfinished;
  }

  #listenTo(server: Server): void {
    server.on('request', (request, response) => this.#take(request, response, undefined));
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) =>
      this.#take(request, response, () => response.writeContinue()),
    );
    server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
      delete request.headers.expect;
      this.#take(request, response, undefined);
    });
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    server.on('connect', (_request, socket) => answerBare(socket, 405, 'this is no forward proxy'));
    server.on('clientError', (error, socket) => {
      this.#options.onClientError();
      answerClientError(error, socket);
    });
    server.on('drop', this.#options.onDropped);
  }

  #take(request: IncomingMessage, response: ServerResponse, askToSend: (() => void) | undefined): void {
    this.#hand({ request, response, askToSend, upgrading: undefined });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      // An offer that a server may ignore (RFC 9110, 7.8), such as h2c: the request counts as it is.
      withoutUpgrade(this.#server, request, head);
      return;
    }
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(request.socket);
    response.once('finish', () => void socket.end());
    this.#hand({ request, response, askToSend: undefined, upgrading: { socket, head } });
  }

  #hand(incoming: Incoming): void {
    const { response } = incoming;
    this.#inFlight.add(response);
    if (this.#isDraining) response.shouldKeepAlive = false;
    response.once('close', () => {
      this.#inFlight.delete(response);
      this.#endless.delete(response);
      if (this.#isDraining && this.#inFlight.size === 0) this.#idle.resolve();
    });
    if (this.#options.handle(incoming).isEndless) this.#endless.add(response);
  }
}
