import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** The port that was used last when it is free, else any free one: what remembered the URL finds the server again. */
export async function choosePort(directory: string): Promise<number> {
  const file = join(directory, 'port');
  const last = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  return (await probe(last)) ?? (await probe(0)) ?? 0;
}

export function rememberPort(directory: string, port: number): void {
  writeFileSync(join(directory, 'port'), String(port));
}

/** The port when one can listen on it now (0: a free one); undefined when not. */
function probe(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(undefined))
      .listen(port, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
      });
  });
}
