import type { IncomingMessage } from 'node:http';

/** Past this a client that goes on sending what was refused is cut off. */
const MAX_DISCARDED_BYTES = 16 * 1_048_576;

/**
 * Reads on what is left of a request's body, and forgets it. Closing the connection instead would reset it while the
 * client still sends, and then the client never sees the answer that says why.
 */
export function discardRest(request: IncomingMessage): void {
  if (request.complete) return;
  let discarded = 0;
  request.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > MAX_DISCARDED_BYTES) request.destroy();
  });
  request.resume();
}
