import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** When a way to PostgreSQL is cut: with the n-th message to it, which still arrives or not. What PostgreSQL answers is lost either way. */
export interface Cut {
  readonly atMessage: number;
  readonly arrives: boolean;
}

/** A way to PostgreSQL that is cut at some message: to PostgreSQL, and to whatever is written down, the process behind it was killed then. */
export class CutProxy {
  readonly #server: Server;
  readonly #target: URL;
  readonly #cut: Cut | undefined;
  readonly #sockets = new Set<Socket>();
  #messages = 0;
  #isCut = false;

  private constructor(target: URL, cut: Cut | undefined) {
    this.#target = target;
    this.#cut = cut;
    this.#server = createServer((client) => this.#pass(client));
  }

  static async open(url: string, cut: Cut | undefined): Promise<CutProxy> {
    const proxy = new CutProxy(new URL(url), cut);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    const url = new URL(this.#target);
    url.hostname = '127.0.0.1';
    url.port = String((this.#server.address() as AddressInfo).port);
    return url.href;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** How many came so far. */
  get messages(): number {
    return this.#messages;
  }

  async close(): Promise<void> {
    const closed = [...this.#sockets].filter((socket) => !socket.closed).map((socket) => once(socket, 'close'));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
    this.#server.close();
  }

  #pass(client: Socket): void {
    if (this.#isCut) {
      client.destroy();
      return;
    }
    const server = connect(Number(this.#target.port), this.#target.hostname);
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true).on('error', () => undefined);
    }
    client.on('data', (message) => {
      if (this.#isCut) return;
      this.#messages += 1;
      const isLast = this.#messages === this.#cut?.atMessage;
      if (!isLast || this.#cut.arrives) server.write(message);
      if (isLast) this.#cutOff();
    });
    server.on('data', (message) => {
      if (!this.#isCut) client.write(message);
    });
    client.on('close', () => server.end());
    server.on('close', () => client.destroy());
  }

  #cutOff(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroySoon();
  }
}
