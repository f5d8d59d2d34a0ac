import { systemClock } from '@ebb/core';
import pg from 'pg';

const CHANNEL = 'ebb_log';
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

/**
 * Tells consumers of other processes that a topic grew, by LISTEN and NOTIFY. Only a hint: a lost connection is made again in time,
 * and whoever waits polls as well.
 */
export class WakeUp {
  readonly #url: string;
  readonly #pool: pg.Pool;
  readonly #listeners = new Set<(topic: string) => void>();
  readonly #announced = new Set<string>();
  readonly #stopping = new AbortController();
  #client: pg.Client | undefined;
  #listening: Promise<void> | undefined;

  constructor(url: string, pool: pg.Pool) {
    this.#url = url;
    this.#pool = pool;
  }

  subscribe(listener: (topic: string) => void): () => void {
    this.#listeners.add(listener);
    this.#listening ??= this.#listen();
    return () => this.#listeners.delete(listener);
  }

  /** Sent in a statement of its own, and once for the appends of a moment: within the append's transaction it would serialise commits. */
  announce(topic: string): void {
    if (this.#announced.has(topic)) return;
    this.#announced.add(topic);
    setImmediate(() => {
      this.#announced.delete(topic);
      this.#pool
        .query({ name: 'ebb_log_notify', text: `SELECT pg_notify('${CHANNEL}', $1)`, values: [topic] })
        .catch(() => {
          // Consumers poll.
        });
    });
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    this.#listeners.clear();
    await this.#client?.end().catch(() => undefined);
    await this.#listening?.catch(() => undefined);
  }

  async #listen(): Promise<void> {
    const { signal } = this.#stopping;
    for (let retryMs = FIRST_RETRY_MS; !signal.aborted; retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)) {
      const client = new pg.Client({
        connectionString: this.#url,
        application_name: 'ebb-log-listen',
        keepAlive: true,
      });
      const ended = new Promise<void>((resolve) => {
        client.once('error', () => resolve());
        client.once('end', () => resolve());
      });
      client.on('notification', ({ payload }) => {
        for (const listener of this.#listeners) listener(payload ?? '');
      });
      try {
        this.#client = client;
        await client.connect();
        await client.query(`LISTEN ${CHANNEL}`);
        retryMs = FIRST_RETRY_MS;
        await ended;
      } catch {
        // Tried again below.
      }
      await client.end().catch(() => undefined);
      await systemClock.sleep(retryMs, signal).catch(() => undefined);
    }
  }
}
