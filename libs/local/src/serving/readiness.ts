import { get } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** How a process shows that it is ready. `none`: it is, as soon as it runs (a worker without a probe). */
export type ReadinessProbe =
  | { readonly kind: 'tcp' }
  | { readonly kind: 'none' }
  | { readonly kind: 'http'; readonly path: string; readonly headers: Readonly<Record<string, string>> };

const ATTEMPT_TIMEOUT_MS = 1_000;

/**
 * Resolves when the process on `port` is ready; never rejects but by the signal.
 * A cluster's aggressive probe asks every 50 ms. Here it is every 5 ms at first, because nothing else would hold up a cold start.
 */
export async function untilReady(port: number, probe: ReadinessProbe, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  const attempt = probe.kind === 'http' ? () => answers(port, probe.path, probe.headers) : () => accepts(port);
  while (probe.kind !== 'none' && !(await attempt())) {
    await delay(intervalMs(performance.now() - startedAt), undefined, { signal });
  }
  signal.throwIfAborted();
}

function intervalMs(elapsedMs: number): number {
  if (elapsedMs < 1_000) return 5;
  return elapsedMs < 10_000 ? 50 : 250;
}

/** Whether something takes connections on a port. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: ATTEMPT_TIMEOUT_MS });
    const settle = (isReady: boolean): void => {
      resolve(isReady);
      socket.destroy();
    };
    // TCP lets a socket connect to itself when its own port happens to be the one that nobody listens on.
    socket.once('connect', () => settle(socket.localPort !== port));
    socket.once('error', () => settle(false)).once('timeout', () => settle(false));
  });
}

function answers(port: number, path: string, headers: Readonly<Record<string, string>>): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ port, host: '127.0.0.1', path, headers, agent: false, timeout: ATTEMPT_TIMEOUT_MS });
    const settle = (isReady: boolean): void => {
      resolve(isReady);
      request.destroy();
    };
    request.once('response', ({ statusCode = 0 }) => settle(statusCode >= 200 && statusCode < 400));
    request.on('error', () => settle(false)).once('timeout', () => settle(false));
  });
}
