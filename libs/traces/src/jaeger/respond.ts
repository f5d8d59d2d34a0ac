import type { ServerResponse } from 'node:http';

/** What an endpoint answers; the handler writes it. */
export interface Reply {
  readonly status: number;
  readonly document: unknown;
}

export function ok(document: unknown): Reply {
  return { status: 200, document };
}

export function sendJson(response: ServerResponse, { status, document }: Reply, indent = 0): void {
  if (response.destroyed || response.headersSent) return;
  const body = Buffer.from(`${JSON.stringify(document, undefined, indent)}\n`);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': body.length,
    'x-content-type-options': 'nosniff',
    ...(status === 405 && { allow: 'GET, HEAD' }),
  });
  response.end(body);
}
