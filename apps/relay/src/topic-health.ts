import { messageOf, systemClock, type Clock, type Logger } from '@ebb/core';
import { UnknownTopicError } from '@ebb/event-log';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

interface Failing {
  readonly since: number;
  readonly until: number;
  readonly pauseMs: number;
  /** The log answers, but has no such topic. */
  readonly missing: boolean;
  readonly message: string;
}

export interface TopicHealthOptions {
  readonly clock?: Pick<Clock, 'now'>;
  /** Told of each failure, and each recovery, whether the log as a whole is away and why. */
  readonly onChange?: (outage: string | undefined) => void;
}

/** Remembers which topics cannot be written to, so that they are left alone for a while, longer each time. */
export class TopicHealth {
  readonly #failing = new Map<string, Failing>();
  /** Topics whose events were put aside: they wait for the topic to come into being. */
  readonly #aside = new Set<string>();
  readonly #logger: Logger;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #onChange: (outage: string | undefined) => void;
  #lastSuccess = -Infinity;

  constructor(logger: Logger, { clock = systemClock, onChange = () => undefined }: TopicHealthOptions = {}) {
    this.#logger = logger;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Topics not to try now. */
  paused(): readonly string[] {
    const now = this.#clock.now();
    const paused = [...this.#failing].filter(([, { until }]) => until > now).map(([topic]) => topic);
    return [...new Set([...paused, ...this.#aside])];
  }

  failed(topic: string, error: unknown): void {
    const before = this.#failing.get(topic);
    const now = this.#clock.now();
    // Lanes fail together: one outage that all of them met is one failure, not eight.
    if (before && before.until > now) return;
    const message = messageOf(error);
    // Said once per outage: the events are safe, and the outage is reported by whoever is down.
    if (!before) this.#logger.warn({ err: error, topic }, `cannot publish to "${topic}", trying again: ${message}`);
    const pauseMs = before ? Math.min(before.pauseMs * 2, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
    const missing = error instanceof UnknownTopicError;
    this.#failing.set(topic, { since: before?.since ?? now, until: now + pauseMs, pauseMs, missing, message });
    this.#onChange(this.outage());
  }

  succeeded(topic: string): void {
    this.#lastSuccess = this.#clock.now();
    if (this.#failing.size === 0) return;
    if (this.#failing.delete(topic)) this.#logger.info({ topic }, `publishing to "${topic}" again`);
    this.#onChange(this.outage());
  }

  /** Why nothing can be published: topics fail, and no other one has succeeded since. A topic that is only missing says nothing of the log. */
  outage(): string | undefined {
    return this.#inOutage()[0]?.message;
  }

  /**
   * How long the log as a whole is to be left alone. Then not even the outboxes are looked at: all that piles up in them would be read again and
   * again, only to be passed over.
   */
  awayMs(): number {
    const untils = this.#inOutage().map(({ until }) => until);
    return untils.length === 0 ? 0 : Math.max(0, Math.min(...untils) - this.#clock.now());
  }

  /** Topics that have been missing for so long, or whose events were put aside. */
  missing(forMs: number): readonly string[] {
    const latest = this.#clock.now() - forMs;
    const long = [...this.#failing].filter(([, { missing, since }]) => missing && since <= latest);
    return [...new Set([...this.#aside, ...long.map(([topic]) => topic)])];
  }

  putAside(topic: string): void {
    this.#aside.add(topic);
  }

  /** The topic is there now. */
  returned(topic: string): void {
    this.#aside.delete(topic);
    this.#failing.delete(topic);
  }

  #inOutage(): readonly Failing[] {
    return [...this.#failing.values()].filter(({ missing, since }) => !missing && since >= this.#lastSuccess);
  }
}
