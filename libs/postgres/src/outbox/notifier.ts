import { systemClock } from '@ebb/core';
import type { Connections } from '../connections.ts';

/** Relays listen on it; the payload is the schema whose outbox has something new. */
export const OUTBOX_CHANNEL = 'ebb_outbox';

/** Commits of this long share a notification. */
const COALESCE_MS = 5;

/**
 * Wakes the relay after a commit. Never within the transaction: NOTIFY makes commits wait for each other.
 * It is a hint. One that gets lost costs the relay's polling interval, nothing else.
 */
export class OutboxNotifier {
  readonly #connections: Connections;
  readonly #schema: string;
  readonly #closing = new AbortController();
  #pending: Promise<void> | undefined;

  constructor(connections: Connections, schema: string) {
    this.#connections = connections;
    this.#schema = schema;
  }

  /** Does not wait, never throws. */
  notify(): void {
    this.#pending ??= this.#send();
  }

  /** Sends what is due without delay. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#pending;
  }

  async #send(): Promise<void> {
    await systemClock.sleep(COALESCE_MS, this.#closing.signal).catch(() => undefined);
    // From here on a commit starts the next notification, since this one may be on its way already.
    this.#pending = undefined;
    await this.#connections
      .query({
        name: 'ebb_outbox_notify',
        text: 'SELECT pg_notify($1, $2)',
        values: [OUTBOX_CHANNEL, this.#schema],
        span: 'NOTIFY outbox',
      })
      .catch(() => undefined);
  }
}
