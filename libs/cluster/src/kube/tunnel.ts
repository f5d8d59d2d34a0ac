import type { ClientRequest, IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import { ClusterError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { refusalOf, unreachable } from './refusal.ts';

/** Where a tunnel ends: a port inside a pod, also one that listens to the pod itself only. */
export interface TunnelEnd {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/** The streaming protocol of port-forward: the first byte of a message says its channel. */
const PROTOCOL = 'v4.channel.k8s.io';
const [DATA, ERROR] = [0, 1];
/** The first message of each channel holds the port. */
const PORT_BYTES = 2;
const HANDSHAKE_TIMEOUT_MS = 20_000;

/**
 * A connection to a port of a pod, through the API server. Nothing listens on this machine for it.
 * @throws ClusterError when the API server refuses it; a port that nothing listens on is an error of the stream
 */
export async function openTunnel(connection: Connection, end: TunnelEnd): Promise<Duplex> {
  const { namespace, pod, port } = end;
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/portforward`;
  const url = `${connection.server.replace(/^http/, 'ws')}${path}?ports=${port}`;
  const socket = new WebSocket(url, PROTOCOL, {
    ...(await connection.credentials()),
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  });
  // Before it is open: the first messages may come along with the handshake's answer.
  const stream = streamOf(socket, end);
  await opened(socket, connection, end);
  return stream;
}

function opened(socket: WebSocket, connection: Connection, { namespace, pod }: TunnelEnd): Promise<void> {
  const asked = { verb: 'create and get', resource: 'pods/portforward', namespace, name: pod, from: 'Kubernetes' };
  return new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', (error) => reject(unreachable(error, connection)));
    socket.once('unexpected-response', (request: ClientRequest, response: IncomingMessage) => {
      const refuse = (body: string): void => {
        reject(refusalOf(response.statusCode ?? 0, body, asked, connection));
        request.destroy();
      };
      textOf(response).then(refuse, () => refuse(''));
    });
  });
}

function streamOf(socket: WebSocket, { pod, port }: TunnelEnd): Duplex {
  const seen = new Set<number>();
  const stream = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => socket.send(Buffer.concat([Buffer.of(DATA), chunk]), done),
    final: (done) => done(),
    destroy: (error, done) => {
      socket.terminate();
      done(error);
    },
  });
  socket.on('message', (message: Buffer) => {
    const [channel = DATA] = message;
    const content = message.subarray(seen.has(channel) ? 1 : 1 + PORT_BYTES);
    seen.add(channel);
    if (content.length === 0) return;
    if (channel === DATA && !stream.push(content)) socket.pause();
    if (channel === ERROR)
      stream.destroy(new ClusterError(`port ${port} of pod ${pod}: ${content.toString('utf8').trim()}`));
  });
  socket.on('close', () => stream.push(null));
  socket.on('error', (error) => stream.destroy(error));
  // Until somebody reads it: what keeps it from opening is told by whoever opens it.
  stream.on('error', () => undefined);
  return stream;
}
