import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import type { GatewayMetrics } from '../observe/gateway-metrics.ts';
import type { HttpExchange } from '../pipeline/http-exchange.ts';
import { withAdded } from '../pipeline/reply.ts';
import { answeredHeaders } from './forward-headers.ts';

export interface TunnelOptions {
  readonly exchange: HttpExchange;
  readonly upgrading: { readonly socket: Duplex; readonly head: Buffer };
  readonly outcome: { readonly answer: IncomingMessage; readonly socket: Duplex; readonly head: Buffer };
  readonly idleMs: number;
  readonly metrics: GatewayMetrics;
}

/** Connects a client that upgraded its connection with the upstream, until either side closes it or nothing moved for `idleMs`. */
export function openTunnel({ exchange, upgrading, outcome, idleMs, metrics }: TunnelOptions): void {
  const { socket: client, head } = upgrading;
  const { answer, socket: upstream } = outcome;
  if (client.destroyed) {
    upstream.destroy();
    return;
  }
  exchange.isTunnel = true;
  metrics.tunnels(1);
  client.once('close', () => {
    metrics.tunnels(-1);
    upstream.destroy();
  });
  upstream.on('error', () => client.destroy()).once('close', () => client.destroy());
  const idle = setTimeout(() => client.destroy(), idleMs);
  client.once('close', () => clearTimeout(idle));
  for (const side of [client, upstream]) {
    // Its own limits were for requests.
    if (side instanceof Socket) side.setTimeout(0).setNoDelay(true);
    side.on('data', () => idle.refresh());
  }
  upstream.on('data', (chunk: Buffer) => (exchange.bytesOut += chunk.length));
  client.write(headOf(answer, exchange));
  if (outcome.head.length > 0) client.write(outcome.head);
  if (head.length > 0) upstream.write(head);
  upstream.pipe(client);
  client.pipe(upstream);
}

function headOf(answer: IncomingMessage, { added }: HttpExchange): string {
  const headers = { ...withAdded(answeredHeaders(answer.headers), added), connection: 'Upgrade', upgrade: 'websocket' };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => `${name}: ${one}`),
  );
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`;
}
