import { connect } from 'node:net';
import { ANSWER, SINGLE_EVENT } from './event-request.ts';

const RETRY_MS = 1;
const DEADLINE_MS = 30_000;

/**
 * Sends an event again and again until one is answered with 204.
 * @throws Error when the answer is another one, or none comes
 */
export async function firstAnswer(port: number, eventNumber: number): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await isAnswered(port, eventNumber))) {
    if (performance.now() > deadline) throw new Error(`port ${port} did not answer`);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** False when nobody listens yet. */
function isAnswered(port: number, eventNumber: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('connect', () => socket.write(SINGLE_EVENT.bytes(eventNumber), 'latin1'));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') resolve(false);
      else reject(error);
    });
    socket.once('data', (answer) => {
      const text = answer.toString('latin1');
      socket.destroy();
      if (text.startsWith(ANSWER)) resolve(true);
      else reject(new Error(`expected 204, got: ${text}`));
    });
  });
}
