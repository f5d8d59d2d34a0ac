import { deferred, messageOf, orAborted, type Deferred, type Logger } from '@ebb/core';
import type { Offsets } from '../event-log.ts';

const FASTEST_POLL_MS = 50;
const SLOWEST_POLL_MS = 1_000;

export interface WatchOptions {
  readonly topic: string;
  readonly logger: Logger;
  readonly endOffsets: () => Promise<Offsets>;
  /** Calls back when the topic may have grown; a hint that may be lost. Returns how to unsubscribe. */
  readonly onHint: (hint: () => void) => () => void;
}

/**
 * Knows how far a topic reaches, from a wake hint and adaptive polling (50 ms – 1 s): a lost hint costs a second at most.
 * One serves all that read a topic, so an idle topic costs one small query per second however many groups read it.
 */
export class TopicWatcher {
  readonly #options: WatchOptions;
  readonly #release: () => void;
  #ends: Offsets = new Map();
  #changed: Deferred<void> = deferred();
  #stopped = false;
  #hinted = false;
  #wake: (() => void) | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#release = options.onHint(() => {
      this.#hinted = true;
      this.#wake?.();
    });
    void this.#run();
  }

  /** End offset per partition, as last seen; empty before the first look. */
  get ends(): Offsets {
    return this.#ends;
  }

  /** Resolves when the partition holds a record at `offset` or later; rejects when the signal is aborted. */
  async beyond(partition: number, offset: bigint, signal: AbortSignal): Promise<void> {
    while ((this.#ends.get(partition) ?? 0n) <= offset) await orAborted(this.#changed.promise, signal);
    signal.throwIfAborted();
  }

  /** Looks at once. Rejects when the log cannot be read. */
  async refresh(): Promise<Offsets> {
    await this.#look();
    return this.#ends;
  }

  stop(): void {
    this.#stopped = true;
    this.#release();
    this.#wake?.();
  }

  async #run(): Promise<void> {
    let pollMs = FASTEST_POLL_MS;
    let failing = false;
    const { topic, logger } = this.#options;
    while (!this.#isStopped()) {
      this.#hinted = false;
      try {
        pollMs = (await this.#look()) ? FASTEST_POLL_MS : Math.min(pollMs * 2, SLOWEST_POLL_MS);
        if (failing) logger.info({ topic }, 'the event log answers again');
        failing = false;
      } catch (error) {
        const fields = { topic, reason: messageOf(error) };
        if (!failing && !this.#isStopped()) logger.error(fields, 'the event log does not answer; trying on');
        failing = true;
        pollMs = Math.min(pollMs * 2, SLOWEST_POLL_MS);
      }
      await this.#pause(pollMs);
    }
  }

  async #look(): Promise<boolean> {
    const seen = await this.#options.endOffsets();
    const grew = [...seen].some(([partition, end]) => end !== this.#ends.get(partition));
    if (!grew) return false;
    this.#ends = seen;
    this.#changed.resolve();
    this.#changed = deferred();
    return true;
  }

  async #pause(ms: number): Promise<void> {
    if (this.#hinted || this.#stopped) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
    this.#wake = undefined;
  }

  /** A method, because the compiler cannot know that it changes while the loop waits. */
  #isStopped(): boolean {
    return this.#stopped;
  }
}
