import { messageOf } from '@ebb/core';
import type { StoredRecord } from '@ebb/event-log';
import type { DeliveryPorts } from './delivery.ts';
import type { InFlight } from './in-flight.ts';
import { createOffsetLedger, type OffsetLedger } from './offset-ledger.ts';
import type { TopicWatcher } from './topic-watcher.ts';
import type { TriggerConfig } from './trigger-config.ts';
import { pause } from './wait.ts';

/** Records of one poll of an unordered Trigger: the data plane's `max.poll.records`. */
const POLL_RECORDS = 50;
/** An ordered partition handles one at a time; more than a few would only wait in memory. */
const ORDERED_POLL_RECORDS = 10;
const RETRY_LOG_MS = 500;

export interface LaneOptions {
  readonly topic: string;
  readonly partition: number;
  /** The offset of the first record. */
  readonly start: bigint;
  readonly watcher: TopicWatcher;
  readonly inFlight: InFlight;
  readonly ports: Pick<DeliveryPorts, 'log' | 'logger'>;
  /** Ends the lane; what it has begun goes on. */
  readonly stopping: AbortSignal;
  /** The Trigger as it is now: asked for before each record. */
  readonly config: () => TriggerConfig;
  /** Resolves when the subscriber exists. */
  readonly whenReady: () => Promise<void>;
  /** Brings a record to its end. True when it is finished, false when it must come again after a restart. */
  readonly handle: (record: StoredRecord) => Promise<boolean>;
}

/** Reads one partition for one Trigger. */
export class Lane {
  readonly ledger: OffsetLedger;
  readonly partition: number;
  /** Resolves when the lane reads no more. */
  readonly ended: Promise<void>;
  /** What was committed last. */
  committed: bigint;
  readonly #options: LaneOptions;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.partition = options.partition;
    this.committed = options.start;
    this.ledger = createOffsetLedger(options.start);
    this.ended = this.#run();
  }

  async #run(): Promise<void> {
    const { stopping, ports, config, partition } = this.#options;
    let failing = false;
    while (!this.#stopped()) {
      try {
        await this.#step();
        failing = false;
      } catch (error) {
        if (this.#stopped()) return;
        const fields = { trigger: config().name, partition, reason: messageOf(error) };
        if (!failing) ports.logger.error(fields, 'the event log cannot be read; trying on');
        failing = true;
        await pause(RETRY_LOG_MS, stopping).catch(() => undefined);
      }
    }
  }

  #stopped(): boolean {
    return this.#options.stopping.aborted;
  }

  async #step(): Promise<void> {
    const { watcher, partition, stopping, inFlight, whenReady, config } = this.#options;
    await watcher.beyond(partition, this.ledger.next, stopping);
    await whenReady();
    if (config().ordered) await this.#oneByOne();
    else await inFlight.whenOpen(stopping, () => this.#atOnce());
  }

  async #atOnce(): Promise<void> {
    for (const record of await this.#fetch(POLL_RECORDS)) void this.#take(record);
  }

  async #oneByOne(): Promise<void> {
    for (const record of await this.#fetch(ORDERED_POLL_RECORDS)) {
      await this.#options.whenReady();
      // What is not begun is not in the ledger either: it is fetched again by whoever comes next.
      this.#options.stopping.throwIfAborted();
      await this.#take(record);
    }
  }

  async #take(record: StoredRecord): Promise<void> {
    this.ledger.begin(record.offset, record.timestampMs);
    if (await this.#options.handle(record)) this.ledger.done(record.offset);
  }

  async #fetch(limit: number): Promise<readonly StoredRecord[]> {
    const { topic, partition, stopping, ports } = this.#options;
    const records = await ports.log.fetch(topic, partition, this.ledger.next, limit);
    if (records.length > 0) return records;
    // The topic reaches further, yet nothing is there: the records were trimmed.
    const begins = await ports.log.beginOffsets(topic);
    this.ledger.skipTo(begins.get(partition) ?? 0n);
    await pause(RETRY_LOG_MS, stopping);
    return [];
  }
}
