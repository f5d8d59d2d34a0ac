import { createServer } from 'node:net';
import { EbbError } from '@ebb/core';

/**
 * Below what Linux (32768) and macOS (49152) hand to outgoing connections, and above Knative's reserved ports: a port that is
 * free now is then unlikely to be taken by a passing connection before the service listens on it.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_767;
const MAX_TRIES = 200;

/** Chooses ports for services; one that is in use by this runtime is never chosen twice. */
export class PortPool {
  readonly #taken = new Set<number>();

  /** @throws EbbError EBB_RUNTIME when no free port is found */
  async take(): Promise<number> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
      if (this.#taken.has(port)) continue;
      this.#taken.add(port);
      // The loopback address alone is not enough: another process may hold the port on all addresses, or only there.
      if ((await isFree(port, '127.0.0.1')) && (await isFree(port))) return port;
      this.#taken.delete(port);
    }
    throw new EbbError('EBB_RUNTIME', `no free port between ${FIRST_PORT} and ${LAST_PORT}`);
  }

  release(port: number): void {
    this.#taken.delete(port);
  }
}

function isFree(port: number, host?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, ...(host !== undefined && { host }), exclusive: true }, () =>
      server.close(() => resolve(true)),
    );
  });
}
