import { messageOf, systemClock, type Clock, type Logger } from '@ebb/core';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

interface Failing {
  readonly until: number;
  readonly pauseMs: number;
}

/** Remembers which topics cannot be written to, so that they are left alone for a while, longer each time. */
export class TopicHealth {
  readonly #failing = new Map<string, Failing>();
  readonly #logger: Logger;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(logger: Logger, clock: Pick<Clock, 'now'> = systemClock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Topics not to try now. */
  paused(): readonly string[] {
    const now = this.#clock.now();
    return [...this.#failing].filter(([, { until }]) => until > now).map(([topic]) => topic);
  }

  failed(topic: string, error: unknown): void {
    const before = this.#failing.get(topic);
    const now = this.#clock.now();
    // Lanes fail together: one outage that all of them met is one failure, not eight.
    if (before && before.until > now) return;
    // Said once per outage: the events are safe, and the outage is reported by whoever is down.
    if (!before)
      this.#logger.warn({ err: error, topic }, `cannot publish to "${topic}", trying again: ${messageOf(error)}`);
    const pauseMs = before ? Math.min(before.pauseMs * 2, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
    this.#failing.set(topic, { pauseMs, until: now + pauseMs });
  }

  succeeded(topic: string): void {
    if (this.#failing.delete(topic)) this.#logger.info({ topic }, `publishing to "${topic}" again`);
  }
}
