import { connect, type Socket } from 'node:net';

/** Requests that are all the same, and how their answers begin. */
export interface HttpLoad {
  readonly port: number;
  readonly bytes: string;
  readonly status: number;
}

export function getOf(port: number, path: string, status: number): HttpLoad {
  return { port, bytes: `GET ${path} HTTP/1.1\r\nhost: gateway.localhost\r\naccept: */*\r\n\r\n`, status };
}

/**
 * Sends `count` requests over keep-alive connections, each the next as soon as the last is answered.
 * @returns how long all of them took, in milliseconds
 * @throws Error when an answer has another status
 */
export async function sendRequests(load: HttpLoad, count: number, concurrency: number): Promise<number> {
  const clients = await Promise.all(Array.from({ length: concurrency }, () => HttpClient.open(load)));
  let left = count;
  const started = performance.now();
  try {
    await Promise.all(
      clients.map(async (client) => {
        while ((left -= 1) >= 0) await client.ask();
      }),
    );
    return performance.now() - started;
  } finally {
    for (const client of clients) client.close();
  }
}

/** Asks each of several servers in turn, so many times a second, and returns how long each answer took. */
export async function pacedLatencies<Name extends string>(
  loads: Readonly<Record<Name, HttpLoad>>,
  perSecond: number,
  requests: number,
): Promise<Readonly<Record<Name, readonly number[]>>> {
  const names = Object.keys(loads) as Name[];
  const clients = new Map(
    await Promise.all(names.map(async (name) => [name, await HttpClient.open(loads[name])] as const)),
  );
  const taken = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  const periodMs = 1_000 / perSecond;
  try {
    for (let nth = 0; nth < requests; nth += 1) {
      const due = performance.now() + periodMs;
      for (const [name, client] of clients) taken[name].push(await client.ask());
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    }
    return taken;
  } finally {
    for (const client of clients.values()) client.close();
  }
}

/** One connection, one request at a time. */
export class HttpClient {
  readonly #socket: Socket;
  readonly #load: HttpLoad;
  #received = '';
  #waiting: { resolve: (ms: number) => void; reject: (error: Error) => void; sentMs: number } | undefined;

  private constructor(socket: Socket, load: HttpLoad) {
    this.#socket = socket;
    this.#load = load;
    const fail = (why: string) => this.#waiting?.reject(new Error(why));
    socket.setEncoding('latin1').on('data', (text: string) => this.#take(text));
    socket.on('error', (error) => fail(error.message)).on('close', () => fail('the server closed the connection'));
  }

  static open(load: HttpLoad): Promise<HttpClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true });
      socket.once('connect', () => resolve(new HttpClient(socket, load))).once('error', reject);
    });
  }

  /** Sends the request, and resolves with the milliseconds until the end of its answer. */
  ask(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject, sentMs: performance.now() };
      this.#socket.write(this.#load.bytes);
    });
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#received += text;
    const end = this.#received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#received)?.[1];
    if (this.#received.length < end + 4 + Number(length)) return;
    const waiting = this.#waiting;
    const isExpected = this.#received.startsWith(`HTTP/1.1 ${this.#load.status} `);
    if (isExpected) waiting?.resolve(performance.now() - waiting.sentMs);
    else waiting?.reject(new Error(`expected ${this.#load.status}, got: ${this.#received.slice(0, 500)}`));
    this.#received = '';
  }
}
