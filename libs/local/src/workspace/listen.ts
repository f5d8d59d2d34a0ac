import type { Server } from 'node:http';
import { EbbError } from '@ebb/core';

const MAX_TRIES = 50;

/**
 * Listens on the loopback address, on the wanted port or, unless it was asked for by name, on the next free one.
 * @returns the port
 * @throws EbbError EBB_USAGE when a port that was asked for is taken
 */
export async function listen(server: Server, wanted: number, explicit: boolean): Promise<number> {
  for (let port = wanted; port < wanted + MAX_TRIES; port += 1) {
    const code = await tryListen(server, port);
    if (code === undefined) {
      const address = server.address();
      return typeof address === 'object' && address ? address.port : port;
    }
    if (explicit) {
      throw new EbbError(
        'EBB_USAGE',
        `port ${port} cannot be used (${code}): stop what listens there, or give another --port`,
      );
    }
  }
  throw new EbbError('EBB_USAGE', `no free port between ${wanted} and ${wanted + MAX_TRIES - 1}: give one with --port`);
}

function tryListen(server: Server, port: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => {
      server.off('listening', onListening);
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(error.code);
      else reject(error);
    };
    const onListening = () => {
      server.off('error', onError);
      resolve(undefined);
    };
    server.once('error', onError).once('listening', onListening).listen(port, '127.0.0.1');
  });
}
