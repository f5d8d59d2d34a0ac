import { listen, Notifications } from '@ebb/postgres';
import type pg from 'pg';

const CHANNEL = 'ebb_log';

/** Tells consumers of other processes that a topic grew. Only a hint: whoever waits polls as well. */
export class WakeUp {
  readonly #url: string;
  readonly #notifications: Notifications;
  readonly #listeners = new Set<(topic: string) => void>();
  readonly #stopping = new AbortController();
  #listening: Promise<void> | undefined;

  constructor(url: string, pool: pg.Pool) {
    this.#url = url;
    this.#notifications = new Notifications((topic) =>
      pool.query({ name: 'ebb_log_notify', text: 'SELECT pg_notify($1, $2)', values: [CHANNEL, topic] }),
    );
  }

  subscribe(listener: (topic: string) => void): () => void {
    this.#listeners.add(listener);
    this.#listening ??= listen({
      url: this.#url,
      channel: CHANNEL,
      onNotification: (topic) => this.#listeners.forEach((each) => each(topic)),
      signal: this.#stopping.signal,
    });
    return () => this.#listeners.delete(listener);
  }

  /** In a statement of its own: within the append's transaction it would make commits wait for each other. */
  announce(topic: string): void {
    this.#notifications.notify(topic);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#stopping.abort();
    await Promise.all([this.#notifications.close(), this.#listening]);
  }
}
