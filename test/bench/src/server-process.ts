import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import type { Contender } from './contenders.ts';
import { firstAnswer } from './first-answer.ts';
import { nextEventNumber } from './load.ts';
import type { Cores } from './machine.ts';
import { processorMsOf } from './processor-time.ts';

const KIBIBYTES_PER_MEGABYTE = 1_000 / 1.024;

/** A contender that runs. */
export class ServerProcess {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Starts a contender and waits for its first 204, or for what `isUp` waits for. `coldStartMs` is from spawn to that answer. */
  static async start(
    { main, env }: Contender,
    cores: Cores | undefined,
    isUp = (port: number): Promise<void> => firstAnswer(port, nextEventNumber()),
  ): Promise<{ server: ServerProcess; coldStartMs: number }> {
    const port = await freePort();
    const [command, args] = cores
      ? ['/usr/bin/taskset', ['-c', cores.server, process.execPath, main]]
      : [process.execPath, [main]];
    const started = performance.now();
    // Nothing of this process's environment: NODE_EXTRA_CA_CERTS alone would cost as much as a start.
    const child = spawn(command, args, {
      env: { ...env, PORT: String(port), HOST: '127.0.0.1' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const server = new ServerProcess(child, port);
    try {
      await Promise.race([isUp(port), server.#ended()]);
      return { server, coldStartMs: performance.now() - started };
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Resident memory in MB, where the system tells. */
  memoryMb(): number | undefined {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      return Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1]) / KIBIBYTES_PER_MEGABYTE;
    } catch {
      return undefined;
    }
  }

  /** Processor time so far, in milliseconds, where the system tells. */
  processorMs(): number | undefined {
    return processorMsOf(this.#child.pid);
  }

  /** Lets it drain and export its spans, then waits until it is gone. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
  }

  /** Rejects when the process ends by itself. */
  async #ended(): Promise<never> {
    const [code, signal] = (await once(this.#child, 'exit')) as [number | null, string | null];
    throw new Error(`the server ended: ${code ?? signal}`);
  }
}

/** One that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
