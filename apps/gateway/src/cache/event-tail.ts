import { messageOf, systemClock, type Logger } from '@ebb/core';
import type { Consumption, EventLog, PartitionReader, StoredRecord } from '@ebb/event-log';
import { fromRecord } from '@ebb/events';

export interface EventTailOptions {
  /** One attempt to reach the event log. */
  readonly open: () => Promise<EventLog>;
  /** An event that happened, and what it happened to. */
  readonly onEvent: (type: string, keys: readonly string[]) => void;
  /** Events may have been missed. */
  readonly onGap: () => void;
  readonly logger: Logger;
}

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;
const AT_ONCE = 500;

/**
 * Hears of events as they are appended to their topics. Every process hears all of them, from now on: nothing is committed, and after an
 * outage it begins at the end again, saying that there was a gap.
 */
export class EventTail {
  readonly #options: EventTailOptions;
  #types: ReadonlySet<string> = new Set();
  #topics: readonly string[] = [];
  #running: { readonly stop: AbortController; readonly over: Promise<void> } | undefined;

  constructor(options: EventTailOptions) {
    this.#options = options;
  }

  /** Listens to these types from now on, by their topics. */
  follow(topicByType: ReadonlyMap<string, string>): void {
    this.#types = new Set(topicByType.keys());
    const topics = [...new Set(topicByType.values())].sort();
    if (topics.join() === this.#topics.join()) return;
    this.#topics = topics;
    const before = this.#end();
    if (topics.length === 0) return;
    const stop = new AbortController();
    this.#running = { stop, over: before.then(() => this.#run(topics, stop.signal)) };
  }

  async close(): Promise<void> {
    this.#topics = [];
    await this.#end();
  }

  async #end(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    running?.stop.abort(new Error('nobody listens any more'));
    await running?.over;
  }

  /** Never rejects. */
  async #run(topics: readonly string[], signal: AbortSignal): Promise<void> {
    const log = await this.#untilDone(signal, 'the event log', () => this.#options.open());
    if (!log) return;
    await Promise.all(topics.map((topic) => this.#hear(log, topic, signal)));
    await log.close().catch((error: unknown) => {
      this.#options.logger.warn({ err: error }, `the event log was not closed in order: ${messageOf(error)}`);
    });
  }

  async #hear(log: EventLog, topic: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // What fails to be read ends all partitions of the topic: where they began is no longer known.
      const broken = new AbortController();
      const consumption = await this.#untilDone(signal, `topic ${topic}`, () =>
        log.consume({ topic, from: 'end', onPartition: (reader) => void this.#take(reader, broken) }),
      );
      if (!consumption) return;
      this.#options.onGap();
      await aborted(AbortSignal.any([signal, broken.signal]));
      await this.#give(consumption, topic);
      if (broken.signal.aborted) await pause(FIRST_RETRY_MS, signal);
    }
  }

  /** Takes a partition's records until it is taken away. Never rejects. */
  async #take(reader: PartitionReader, broken: AbortController): Promise<void> {
    let position = reader.position;
    try {
      for (;;) {
        await reader.ready(broken.signal);
        const records = await reader.take(AT_ONCE);
        // Retention may have taken some before we came to them.
        if (records[0] && records[0].offset > position) this.#options.onGap();
        position = reader.position;
        for (const record of records) this.#tell(record);
      }
    } catch (error) {
      if (reader.signal.aborted || broken.signal.aborted) return;
      this.#options.logger.warn({ err: error }, `events cannot be heard for now: ${messageOf(error)}`);
      broken.abort(error);
    }
  }

  #tell(record: StoredRecord): void {
    const { ce_type: type } = record.headers;
    // Most are none of ours, and need not be read.
    if (type !== undefined && !this.#types.has(type)) return;
    try {
      const { event } = fromRecord(record);
      if (!this.#types.has(event.type)) return;
      const keys = [event.subject, event.partitionkey].filter((key) => key !== undefined);
      this.#options.onEvent(event.type, [...new Set(keys)]);
    } catch (error) {
      const { topic, partition, offset } = record;
      const fields = { topic, partition, offset: String(offset), err: error };
      this.#options.logger.debug(fields, `no event can be read from a record: ${messageOf(error)}`);
      // What it would have said is not known.
      if (type !== undefined) this.#options.onGap();
    }
  }

  async #give(consumption: Consumption, topic: string): Promise<void> {
    await consumption.close().catch((error: unknown) => {
      this.#options.logger.debug({ topic, err: error }, `a topic was not left in order: ${messageOf(error)}`);
    });
  }

  /** Tries until it succeeds; undefined when it was told to stop before that. */
  async #untilDone<T>(signal: AbortSignal, what: string, attempt: () => Promise<T>): Promise<T | undefined> {
    for (let retryMs = FIRST_RETRY_MS; !signal.aborted; retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)) {
      try {
        return await attempt();
      } catch (error) {
        if (retryMs === FIRST_RETRY_MS) {
          this.#options.logger.warn(
            { err: error },
            `${what} cannot be read, answers are kept for their time: ${messageOf(error)}`,
          );
        }
        await pause(retryMs, signal);
      }
    }
    return undefined;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return systemClock.sleep(ms, signal).catch(() => undefined);
}
