import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { HttpProblem, messageOf, PROBLEM_CONTENT_TYPE } from '@ebb/core';
import { answeredHeaders, forwardedHeaders } from './forwarded-headers.ts';
import type { Instance } from './instance.ts';
import type { Revision } from './revision.ts';

interface Target {
  readonly kind: 'service' | 'worker';
  readonly route: () => Revision;
}

/** Connects a client that upgrades its connection (WebSocket) with an instance, until either side closes it. */
export async function upgradeCall(target: Target, req: IncomingMessage, socket: Duplex, head: Buffer) {
  socket.on('error', () => socket.destroy());
  try {
    const revision = target.route();
    const instance = await acquire(revision, socket);
    socket.once('close', () => revision.activator.leave(instance));
    if (socket.destroyed) return;
    connect({ instance, to: target.kind }, req, socket, head);
  } catch (error) {
    refuse(socket, error instanceof HttpProblem ? error : new HttpProblem(502, messageOf(error)));
  }
}

async function acquire(revision: Revision, socket: Duplex): Promise<Instance> {
  const instance = revision.activator.tryEnter();
  if (instance) return instance;
  const held = revision.hold(0);
  const { timeoutMs } = revision.settings;
  const timer = setTimeout(() => held.abandon(new HttpProblem(504, 'request timeout')), timeoutMs);
  const onClose = (): void => held.abandon(new Error('the client went away'));
  socket.once('close', onClose);
  try {
    return await held.granted;
  } finally {
    clearTimeout(timer);
    socket.off('close', onClose);
  }
}

function connect(
  { instance, to }: { readonly instance: Instance; readonly to: Target['kind'] },
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const headers = forwardedHeaders(req.rawHeaders, { client: req.socket.remoteAddress, isUpgrade: true, to });
  const { port } = instance.process;
  // A connection of its own: an upgraded one never comes back to the agent.
  const out = request({ host: '127.0.0.1', port, agent: false, method: 'GET', path: req.url, headers });
  out.once('upgrade', (answer, upstream, upstreamHead) => {
    socket.write(headOf(answer, ['Connection', 'Upgrade', 'Upgrade', answer.headers.upgrade ?? '']));
    upstream.write(head);
    socket.write(upstreamHead);
    upstream.on('error', () => socket.destroy()).once('close', () => socket.destroy());
    socket.once('close', () => upstream.destroy());
    upstream.pipe(socket).pipe(upstream);
  });
  out.once('response', (answer) => {
    socket.write(headOf(answer, ['Connection', 'close']));
    answer.pipe(socket);
  });
  out.once('error', (error) => refuse(socket, new HttpProblem(502, messageOf(error))));
  socket.once('close', () => out.destroy());
  out.end();
}

function headOf(answer: IncomingMessage, added: readonly string[]): string {
  const raw = [...answeredHeaders(answer.rawHeaders), ...added];
  const lines = [`HTTP/1.1 ${answer.statusCode ?? 502} ${answer.statusMessage ?? ''}`];
  for (let at = 0; at + 1 < raw.length; at += 2) lines.push(`${raw[at] ?? ''}: ${raw[at + 1] ?? ''}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Answers with a problem document on the bare connection. */
export function refuse(socket: Duplex, { problem, headers }: HttpProblem): void {
  if (socket.destroyed) return;
  const body = JSON.stringify(problem);
  const further = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    `HTTP/1.1 ${problem.status} ${problem.title}\r\nContent-Type: ${PROBLEM_CONTENT_TYPE}\r\n${further.join('')}` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
