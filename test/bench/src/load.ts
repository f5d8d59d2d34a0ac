import { connect, type Socket } from 'node:net';
import { ANSWER, SINGLE_EVENT, type EventRequest } from './event-request.ts';

/** Numbers of events, so that no two in a run are the same. */
let sent = 0;

/** The first number of as many new events. */
export const nextEventNumber = (events = 1): number => (sent += events) - events + 1;

export interface LoadOptions {
  /**
   * Never sleep while waiting for answers: waking a core up takes longer than answering, and it is the server's write
   * that pays for it, the more so the slower the server. Only where the load has a core of its own.
   */
  readonly isAwake?: boolean;
  /** Default one event. */
  readonly request?: EventRequest;
}

/**
 * Sends `count` requests over keep-alive connections, each the next as soon as the last is answered.
 * @returns how long all of them took, in milliseconds
 * @throws Error when an answer is not 204
 */
export async function sendEvents(
  port: number,
  count: number,
  concurrency: number,
  { isAwake = false, request = SINGLE_EVENT }: LoadOptions = {},
): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: concurrency }, () => connected(port)));
  let left = count;
  let isOver = !isAwake;
  const stayAwake = () => {
    if (!isOver) setImmediate(stayAwake);
  };
  stayAwake();
  const started = performance.now();
  try {
    await Promise.all(sockets.map((socket) => drive(socket, request, () => (left > 0 ? ((left -= 1), true) : false))));
    return performance.now() - started;
  } finally {
    isOver = true;
    for (const socket of sockets) socket.destroy();
  }
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.setEncoding('latin1');
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Sends while `take` gives one more to send. Resolves when the last is answered. */
function drive(socket: Socket, request: EventRequest, take: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (): void => {
      if (take()) socket.write(request.bytes(nextEventNumber(request.events)), 'latin1');
      else resolve();
    };
    socket.on('data', (answer: string) => {
      // An answer of 204 has no body: it is a packet of its own.
      if (answer.startsWith(ANSWER)) next();
      else reject(new Error(`expected 204, got: ${answer}`));
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the server closed the connection')));
    next();
  });
}
