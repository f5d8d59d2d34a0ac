import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request, type IncomingHttpHeaders } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';

/** A service process of a test, and what it said. */
export interface Child {
  readonly process: ChildProcess;
  readonly port: number;
  output(): string;
  errors(): string;
  /** Its exit code, or the signal that ended it. */
  readonly exited: Promise<number | string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Starts `node <main>` with nothing in its environment but what is given. */
export async function start(main: string, env: Record<string, string> = {}, args: string[] = []): Promise<Child> {
  const port = await freePort();
  const child = spawn(process.execPath, [main, ...args], {
    env: { PORT: String(port), HOST: '127.0.0.1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const exited = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  return { process: child, port, output: () => output, errors: () => errors, exited };
}

/** Starts a service and waits until it answers its liveness probe. */
export async function startAlive(main: string, env: Record<string, string> = {}): Promise<Child> {
  const child = await start(main, env);
  const deadline = Date.now() + 15_000;
  for (;;) {
    const answer = await send(child.port, 'GET', '/healthz/live').catch(() => undefined);
    if (answer?.status === 200) return child;
    if (child.process.exitCode !== null || Date.now() > deadline)
      throw new Error(`it did not start: ${child.errors()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function send(
  port: number,
  method: string,
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Sends a parcel.weighed event in binary mode. */
export function weigh(port: number, grams: number, headers: Record<string, string> = {}): Promise<Answer> {
  return send(port, 'POST', '/functions/weigh', {
    headers: {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': `e-${grams}`,
      'ce-source': '/scales',
      'ce-type': 'dev.ebb.parcels.parcel.weighed.v1',
      ...headers,
    },
    body: JSON.stringify({ parcelId: 'p', grams }),
  });
}
