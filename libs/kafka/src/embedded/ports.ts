import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';

/** The ports that were used last when they are free, else any free ones: what remembered the address finds the broker again. */
export async function choosePorts(directory: string): Promise<readonly [port: number, controllerPort: number]> {
  const file = join(directory, 'ports');
  const [port, controllerPort] = existsSync(file) ? readFileSync(file, 'utf8').split(' ').map(Number) : [];
  const servers = [await listening(port ?? 0), await listening(controllerPort ?? 0)] as const;
  const chosen = [portOf(servers[0]), portOf(servers[1])] as const;
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  writeFileSync(file, chosen.join(' '));
  return chosen;
}

async function listening(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      if (port === 0) reject(error);
      else resolve(listening(0));
    });
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
