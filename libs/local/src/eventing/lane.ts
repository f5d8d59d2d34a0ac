import { messageOf, type Logger } from '@ebb/core';
import type { PartitionReader, StoredRecord } from '@ebb/event-log';
import { eitherAborted } from './either-aborted.ts';
import type { InFlight } from './in-flight.ts';
import { createOffsetLedger, type OffsetLedger } from './offset-ledger.ts';
import type { TriggerConfig } from './trigger-config.ts';
import { pause } from './wait.ts';

/** Records of one poll of an unordered Trigger: the data plane's `max.poll.records`. */
const POLL_RECORDS = 50;
/** An ordered partition handles one at a time; more than a few would only wait in memory. */
const ORDERED_POLL_RECORDS = 10;
const RETRY_LOG_MS = 500;

export interface LaneOptions {
  readonly reader: PartitionReader;
  readonly inFlight: InFlight;
  readonly logger: Logger;
  /** What had this partition before: an ordered Trigger waits until nothing of it is under way. */
  readonly before: Lane | undefined;
  /** Ends the lane; what it has begun goes on. */
  readonly stopping: AbortSignal;
  /** The Trigger as it is now: asked for before each record. */
  readonly config: () => TriggerConfig;
  /** Resolves when the subscriber exists. */
  readonly whenReady: (stopping: AbortSignal) => Promise<void>;
  /** Brings a record to its end. True when it is finished, false when it must come again after a restart. */
  readonly handle: (record: StoredRecord, stopping: AbortSignal) => Promise<boolean>;
}

/** Reads one partition for one Trigger, until the partition is taken away or the Trigger stops. */
export class Lane {
  readonly ledger: OffsetLedger;
  readonly reader: PartitionReader;
  /** Resolves when the lane reads no more. */
  readonly ended: Promise<void>;
  /** What was committed last. */
  committed: bigint;
  readonly #options: LaneOptions;
  readonly #stopping: AbortSignal;
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: LaneOptions) {
    const { reader, stopping } = options;
    this.#options = options;
    this.reader = reader;
    this.committed = reader.start;
    this.ledger = createOffsetLedger(reader.start);
    this.#stopping = eitherAborted(reader.signal, stopping);
    this.ended = this.#run();
  }

  /** Resolves when the lane has ended, and with it everything that it began. */
  async settled(): Promise<void> {
    await this.ended;
    await Promise.all(this.#underWay);
  }

  async #run(): Promise<void> {
    const { reader, logger, config, before } = this.#options;
    if (config().ordered) await before?.settled();
    let failing = false;
    while (!this.#stopped()) {
      try {
        await this.#step();
        failing = false;
      } catch (error) {
        if (this.#stopped()) return;
        const fields = { trigger: config().name, partition: reader.partition, reason: messageOf(error) };
        if (!failing) logger.error(fields, 'the event log cannot be read; trying on');
        failing = true;
        await pause(RETRY_LOG_MS, this.#stopping).catch(() => undefined);
      }
    }
  }

  #stopped(): boolean {
    return this.#stopping.aborted;
  }

  async #step(): Promise<void> {
    const { reader, inFlight, whenReady, config } = this.#options;
    await reader.ready(this.#stopping);
    await whenReady(this.#stopping);
    if (config().ordered) await this.#oneByOne();
    else await inFlight.whenOpen(this.#stopping, () => this.#atOnce());
  }

  async #atOnce(): Promise<void> {
    for (const record of await this.#poll(POLL_RECORDS)) void this.#take(record);
  }

  async #oneByOne(): Promise<void> {
    for (const record of await this.#poll(ORDERED_POLL_RECORDS)) {
      await this.#options.whenReady(this.#stopping);
      // What is not begun is not in the ledger either: whoever comes next reads it.
      this.#stopping.throwIfAborted();
      await this.#take(record);
    }
  }

  #take(record: StoredRecord): Promise<void> {
    this.ledger.begin(record.offset, record.timestampMs);
    const taken = this.#handle(record).finally(() => this.#underWay.delete(taken));
    this.#underWay.add(taken);
    return taken;
  }

  async #handle(record: StoredRecord): Promise<void> {
    if (await this.#options.handle(record, this.#stopping)) this.ledger.done(record.offset);
  }

  async #poll(limit: number): Promise<readonly StoredRecord[]> {
    const { reader } = this.#options;
    const records = await reader.take(limit);
    // What is passed over holds nothing that could be delivered: it was trimmed or compacted.
    if (records.length === 0) this.ledger.skipTo(reader.position);
    return records;
  }
}
