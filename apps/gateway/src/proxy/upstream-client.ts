import { Agent as HttpAgent, request as requestHttp, type ClientRequest } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';

import type { UpstreamBreaker } from './breaker.ts';

export interface UpstreamRequest {
  readonly method: string;
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** On a connection that nothing was sent over before. */
  readonly isFresh: boolean;
}

/** Sockets that wait for the next request; the upstream must not be the one that closes them, so they do not wait for long. */
const IDLE_SOCKET_MS = 30_000;
const MAX_IDLE_SOCKETS = 256;
/** An upstream that answered within this is awake. */
const AWAKE_MS = 30_000;

/** One upstream: its connections, and how it does. */
export class UpstreamClient {
  readonly name: string;
  readonly host: string;
  readonly breaker: UpstreamBreaker;
  readonly #basePath: string;
  readonly #target: { readonly hostname: string; readonly port: string; readonly lookup?: LookupFunction };
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #request: typeof requestHttp;
  #answeredAtMs = -Infinity;

  constructor(name: string, url: string, breaker: UpstreamBreaker) {
    const { protocol, hostname, port, host, pathname } = new URL(url);
    const isSecure = protocol === 'https:';
    this.name = name;
    this.host = host;
    this.breaker = breaker;
    this.#basePath = pathname.replace(/\/+$/, '');
    this.#target = {
      hostname: hostname.replace(/^\[|\]$/g, ''),
      port,
      // Names below .localhost are this machine (RFC 6761), but not every resolver knows it.
      ...(hostname.endsWith('.localhost') && { lookup: loopback }),
    };
    this.#request = isSecure ? requestHttps : requestHttp;
    const options = {
      keepAlive: true,
      maxFreeSockets: MAX_IDLE_SOCKETS,
      timeout: IDLE_SOCKET_MS,
      // The most recently used connection is the least likely to be closed by the other side.
      scheduling: 'lifo' as const,
    };
    this.#agent = isSecure ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /** A service that did not answer lately may have gone to sleep: its first answer takes longer. */
  get isAwake(): boolean {
    return performance.now() - this.#answeredAtMs < AWAKE_MS;
  }

  answered(): void {
    this.#answeredAtMs = performance.now();
  }

  /** Its body is the caller's to send. */
  request({ method, path, headers, isFresh }: UpstreamRequest): ClientRequest {
    return this.#request({
      ...this.#target,
      method,
      path: this.#basePath + path,
      headers: headers as unknown as Record<string, string>,
      agent: isFresh ? false : this.#agent,
    });
  }

  /** Closes the connections that nobody uses; those in use end with their requests, or wait until they are too old. */
  release(): void {
    for (const sockets of Object.values(this.#agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }

  close(): void {
    this.#agent.destroy();
  }
}

const loopback: LookupFunction = (_hostname, options, callback) => {
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};
