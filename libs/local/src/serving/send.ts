import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Instance } from './instance.ts';

/** A request as it goes to an instance. */
export interface Outgoing {
  readonly method: string;
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** Writes the body and ends it. Called once the connection stands: until then the request can go elsewhere. */
  readonly writeBody: (out: ClientRequest) => void;
}

/** Nothing of the request was taken: it may be sent again. */
export class NotDeliveredError extends Error {
  /** The instance does not listen; otherwise only an idle connection had ended. */
  readonly isRefused: boolean;

  constructor(cause: Error, isRefused: boolean) {
    super(cause.message, { cause });
    this.isRefused = isRefused;
  }
}

/** Repeating these changes nothing, so they may follow a connection that was closed while idle. */
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Sends a request to an instance; resolves with the answer as soon as its headers are there.
 * @param onRequest gets the request, to end it early with destroy(reason)
 * @throws NotDeliveredError · what the connection failed with, or `reason`
 */
export function send(
  instance: Instance,
  outgoing: Outgoing,
  onRequest: (out: ClientRequest) => void,
): Promise<IncomingMessage> {
  const { method, path, headers, writeBody } = outgoing;
  const { agent, process } = instance;
  return new Promise((resolve, reject) => {
    const out = request({ host: '127.0.0.1', port: process.port, agent, method, path, headers: [...headers] });
    let isConnected = false;
    const begin = (): void => {
      isConnected = true;
      writeBody(out);
    };
    out.once('socket', (socket) => (socket.connecting ? socket.once('connect', begin) : begin()));
    out.once('response', resolve);
    // Stays for the life of the request: an error after the answer began shows at the answer, too.
    out.on('error', (error: NodeJS.ErrnoException) => {
      const isRefused = !isConnected && error.code === 'ECONNREFUSED';
      const wasIdle = out.reusedSocket && REPEATABLE.has(method) && error.code === 'ECONNRESET';
      reject(isRefused || wasIdle ? new NotDeliveredError(error, isRefused) : error);
    });
    onRequest(out);
  });
}
