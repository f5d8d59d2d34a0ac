import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The outside that a leased function calls. Whoever calls first is stopped (SIGSTOP) while it waits for its answer, and so becomes a zombie: its
 * lease runs out, and another process takes over. Those after it are answered at once.
 */
export class Outside {
  readonly #server: Server;
  #calls = 0;
  #zombie: { readonly pid: number; readonly response: ServerResponse } | undefined;

  private constructor() {
    this.#server = createServer((request, response) => {
      const pid = Number(new URL(request.url ?? '/', 'http://localhost').searchParams.get('pid'));
      this.#calls += 1;
      if (this.#calls > 1) {
        response.end();
        return;
      }
      this.#zombie = { pid, response };
      process.kill(pid, 'SIGSTOP');
    });
  }

  static async open(): Promise<Outside> {
    const outside = new Outside();
    outside.#server.listen(0, '127.0.0.1');
    await once(outside.#server, 'listening');
    return outside;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get calls(): number {
    return this.#calls;
  }

  /** The zombie is given its answer and goes on where it was. */
  wake(): void {
    this.#zombie?.response.end();
    try {
      if (this.#zombie) process.kill(this.#zombie.pid, 'SIGCONT');
    } catch {
      // It is gone: nothing is left to be woken.
    }
    this.#zombie = undefined;
  }

  close(): void {
    this.wake();
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
