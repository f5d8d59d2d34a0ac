import type { IncomingMessage } from 'node:http';
import { EbbError } from '@ebb/core';

/**
 * The whole body of a request. A body that is announced as too large is refused before a byte is read; what remains unread stays unread, so
 * answer with `connection: close`. How slow a client may be is for the server's timeouts to say.
 * @throws EbbError EBB_TOO_LARGE past `maxBytes`; EBB_RUNTIME when the client goes away; the signal's reason when it is aborted
 */
export function readBody(request: IncomingMessage, maxBytes: number, signal?: AbortSignal): Promise<Buffer> {
  if (Number(request.headers['content-length']) > maxBytes) return Promise.reject(tooLarge(maxBytes));
  if (signal?.aborted) return Promise.reject(signal.reason as Error);
  if (request.destroyed) return Promise.reject(goneAway());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) fail(tooLarge(maxBytes));
      else chunks.push(chunk);
    };
    const onEnd = () => {
      release();
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size));
    };
    const onError = (cause: Error) => fail(goneAway(cause));
    const onClose = () => fail(goneAway());
    const onAbort = () => fail(signal?.reason as Error);
    const fail = (error: Error) => {
      release();
      request.pause();
      // An error that comes after the answer is decided has nobody left to tell, and must not end the process.
      request.on('error', () => undefined);
      reject(error);
    };
    const release = () => {
      request.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
      signal?.removeEventListener('abort', onAbort);
    };
    request.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function tooLarge(maxBytes: number): EbbError {
  return new EbbError('EBB_TOO_LARGE', `the body is larger than ${maxBytes} bytes`);
}

function goneAway(cause?: Error): EbbError {
  return new EbbError('EBB_RUNTIME', 'the client went away before its body was complete', { cause });
}
