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
    let isOver = false;
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) fail(tooLarge(maxBytes));
      else chunks.push(chunk);
    };
    const onEnd = () => {
      // The listeners stay: the request is over, and taking them away would cost as much as all the rest.
      isOver = true;
      signal?.removeEventListener('abort', onAbort);
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size));
    };
    const onGone = (cause?: Error) => {
      if (!isOver) fail(goneAway(cause));
    };
    const onAbort = () => fail(signal?.reason as Error);
    const fail = (error: Error) => {
      isOver = true;
      request.off('data', onData);
      signal?.removeEventListener('abort', onAbort);
      request.pause();
      reject(error);
    };
    // An error that comes after the answer is decided has nobody left to tell, but must not end the process either.
    request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function tooLarge(maxBytes: number): EbbError {
  return new EbbError('EBB_TOO_LARGE', `the body is larger than ${maxBytes} bytes`);
}

function goneAway(cause?: Error): EbbError {
  return new EbbError('EBB_RUNTIME', 'the client went away before its body was complete', { cause });
}
