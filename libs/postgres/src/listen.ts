import { systemClock } from '@ebb/core';
import { cutOff } from './cut-off.ts';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;
const CONNECT_TIMEOUT_MS = 10_000;

export interface ListenOptions {
  readonly url: string;
  readonly channel: string;
  readonly onNotification: (payload: string) => void;
  /** Called each time the connection stands: what was sent before that has been missed. */
  readonly onListening?: () => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Listens to a channel on a connection of its own until the signal is aborted, and connects again after each break. Never rejects. Notifications
 * are hints: what was sent while no connection stood is lost, so whoever waits for one polls as well.
 */
export async function listen(options: ListenOptions): Promise<void> {
  const { signal } = options;
  let retryMs = FIRST_RETRY_MS;
  while (!signal.aborted) {
    const listened = await listenOnce(options);
    retryMs = listened ? FIRST_RETRY_MS : Math.min(retryMs * 2, LONGEST_RETRY_MS);
    await systemClock.sleep(retryMs, signal).catch(() => undefined);
  }
}

/** Resolves at the end of the connection, to whether it ever stood. */
async function listenOnce({ url, channel, onNotification, onListening, signal }: ListenOptions): Promise<boolean> {
  const { Client } = await import('pg');
  if (signal.aborted) return false;
  const client = new Client({
    connectionString: url,
    application_name: `ebb-listen-${channel}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
  const ended = new Promise<void>((resolve) => {
    client.once('error', () => resolve());
    client.once('end', () => resolve());
  });
  // A second error of a connection that is broken already has nobody to tell.
  client.on('error', () => undefined);
  client.on('notification', ({ payload }) => onNotification(payload ?? ''));
  // From the first moment: a server that is reached and does not answer must not hold up a process that is to end.
  const stop = (): void => cutOff(client);
  signal.addEventListener('abort', stop, { once: true });
  let listened = false;
  try {
    await client.connect();
    await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
    listened = true;
    onListening?.();
    await ended;
  } catch {
    // The caller tries again.
  } finally {
    signal.removeEventListener('abort', stop);
    await client.end().catch(() => undefined);
  }
  return listened;
}
