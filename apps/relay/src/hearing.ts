import { randomUUID } from 'node:crypto';
import { messageOf, systemClock, type Logger } from '@ebb/core';

const PATIENCE_MS = 1_000;
/** No schema is called like that. */
const PREFIX = 'test:';

export interface HearingOptions {
  /** Sends a notification to the channel that is listened to, on another connection. */
  readonly notify: (payload: string) => Promise<unknown>;
  readonly logger: Logger;
  readonly onResult?: (isDeaf: boolean) => void;
}

/**
 * Whether notifications come through. Behind a pooler that gives connections back after each transaction (PgBouncer) LISTEN succeeds, and nothing is
 * ever heard. The relay sends itself one to find out; while it is deaf, it looks at the outboxes more often.
 */
export class Hearing {
  readonly #options: HearingOptions;
  readonly #expected = new Map<string, () => void>();
  #isDeaf = false;
  #wasTold = false;

  constructor(options: HearingOptions) {
    this.#options = options;
  }

  get isDeaf(): boolean {
    return this.#isDeaf;
  }

  /** Takes a notification; true when it was only a test, of this relay or another one. */
  heard(payload: string): boolean {
    this.#expected.get(payload)?.();
    return payload.startsWith(PREFIX);
  }

  /** Sends itself a notification and waits for it. Never rejects. */
  async test(signal: AbortSignal): Promise<void> {
    const payload = `${PREFIX}${randomUUID()}`;
    const heard = new AbortController();
    this.#expected.set(payload, () => heard.abort());
    try {
      await this.#options.notify(payload);
      await systemClock.sleep(PATIENCE_MS, AbortSignal.any([heard.signal, signal])).catch(() => undefined);
      if (!signal.aborted) this.#found(heard.signal.aborted);
    } catch (error) {
      // That PostgreSQL is away says nothing about notifications.
      this.#options.logger.debug({ err: error }, `notifications could not be tested: ${messageOf(error)}`);
    } finally {
      this.#expected.delete(payload);
    }
  }

  #found(isHeard: boolean): void {
    this.#isDeaf = !isHeard;
    this.#options.onResult?.(this.#isDeaf);
    if (isHeard || this.#wasTold) return;
    this.#wasTold = true;
    this.#options.logger.warn(
      'notifications of PostgreSQL do not come through, so the outboxes are looked at more often: is there a pooler in transaction mode before it?',
    );
  }
}
