import { connect, type Socket } from 'node:net';

const AT_ONCE = 200;

/** Connections that are open, and do no more than that. */
export class ManyConnections {
  readonly #sockets: Socket[] = [];
  #closed = 0;

  /** Opens so many, a few at a time, and writes to each what is given. */
  static async open(port: number, count: number, bytes: string): Promise<ManyConnections> {
    const many = new ManyConnections();
    for (let left = count; left > 0; left -= AT_ONCE) {
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, left) }, () => many.#open(port, bytes)));
    }
    return many;
  }

  /** That the server let go. */
  get closed(): number {
    return this.#closed;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #open(port: number, bytes: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.on('error', reject).once('close', () => (this.#closed += 1));
      socket.resume().once('connect', () => {
        if (bytes !== '') socket.write(bytes);
        resolve();
      });
      this.#sockets.push(socket);
    });
  }
}
