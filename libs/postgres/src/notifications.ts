import { systemClock } from '@ebb/core';

/** At most one notification with the same payload goes out in this time. */
const INTERVAL_MS = 5;

/**
 * Sends hints to whoever listens to a channel: the first one at once, those of the next moment together. Never within a business transaction,
 * where NOTIFY would make commits wait for each other. A hint that cannot be sent is dropped, since listeners poll as well.
 */
export class Notifications {
  readonly #send: (payload: string) => Promise<unknown>;
  /** Payload → whether it was asked for again while its notification was on the way. */
  readonly #sending = new Map<string, { again: boolean; readonly done: Promise<void> }>();
  readonly #closing = new AbortController();

  constructor(send: (payload: string) => Promise<unknown>) {
    this.#send = send;
  }

  /** Does not wait, never throws. */
  notify(payload: string): void {
    const sending = this.#sending.get(payload);
    if (sending) sending.again = true;
    else this.#sending.set(payload, { again: true, done: this.#run(payload) });
  }

  /** Resolves when what was asked for has been sent. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#sending.values()].map(({ done }) => done));
  }

  async #run(payload: string): Promise<void> {
    // The entry is made when the caller's turn ends.
    await Promise.resolve();
    for (let entry = this.#sending.get(payload); entry?.again; entry = this.#sending.get(payload)) {
      entry.again = false;
      await this.#send(payload).catch(() => undefined);
      await systemClock.sleep(INTERVAL_MS, this.#closing.signal).catch(() => undefined);
    }
    this.#sending.delete(payload);
  }
}
