import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

import { problem, PROBLEM_CONTENT_TYPE } from '@ebb/core';

const STATUS_OF: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** What could not be read as HTTP is answered as such, and the connection is closed. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  answerBare(socket, STATUS_OF[error.code ?? ''] ?? 400);
}

/** Answers on a connection that has no request. */
export function answerBare(socket: Duplex, status: number, detail?: string): void {
  const body = JSON.stringify(problem(status, detail));
  socket.on('error', () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      `content-type: ${PROBLEM_CONTENT_TYPE}`,
      `content-length: ${Buffer.byteLength(body)}`,
      'cache-control: no-store',
      'connection: close',
      '',
      body,
    ].join('\r\n'),
    () => socket.destroy(),
  );
}
