import { randomUUID } from 'node:crypto';
import { deferred, messageOf, systemClock, type Logger } from '@ebb/core';
import { startOffsets, UnknownTopicError, type ConsumeOptions, type Consumption, type Offsets } from '@ebb/event-log';
import type { EachBatchPayload, Kafka } from 'kafkajs';
import type { EndOffsets } from './end-offsets.ts';
import type { KafkaAdmin } from './kafka-admin.ts';
import { KafkaReader } from './kafka-reader.ts';
import { Membership } from './membership.ts';
import { storedRecord } from './messages.ts';

const FIRST_AGAIN_MS = 200;
const LONGEST_AGAIN_MS = 2_000;
/** A coordinator that is still loading, or moves, is no outage: told is what also fails the next time. */
const TOLD_AT = 2;
/** How long the first join may take: groups wait for each other's members, coordinators move. */
const START_PATIENCE_MS = 60_000;

export interface KafkaConsumptionOptions extends ConsumeOptions {
  readonly kafka: Kafka;
  readonly admin: KafkaAdmin;
  readonly ends: EndOffsets;
  readonly logger: Logger;
}

/** A member of a group for as long as it is wanted: over rebalances, outages, and the deaths of the library's consumers. */
export class KafkaConsumption implements Consumption {
  readonly #options: KafkaConsumptionOptions;
  readonly #group: string;
  readonly #readers = new Map<number, KafkaReader>();
  readonly #committed = new Map<number, bigint>();
  /** Where one without a group goes on when its partitions come back: there is nothing else that would know. */
  readonly #positions = new Map<number, bigint>();
  readonly #closing = new AbortController();
  readonly #started = deferred();
  #membership: Membership;
  #memberId = '';
  /** Counts the assignments, so that what is prepared for one is not used for the next. */
  #assignment = 0;
  /** Memberships in a row that came to nothing. */
  #failures = 0;

  private constructor(options: KafkaConsumptionOptions) {
    this.#options = options;
    this.#group = options.group ?? `ebb-reader-${randomUUID()}`;
    this.#membership = this.#newMembership();
  }

  /** Resolves when the member has its partitions. @throws UnknownTopicError, and when the group could not be joined in time */
  static async start(options: KafkaConsumptionOptions): Promise<KafkaConsumption> {
    // Said at once, and not after all the attempts that an outage deserves.
    await options.admin.partitionsOf(options.topic);
    const consumption = new KafkaConsumption(options);
    const timer = setTimeout(() => {
      const seconds = START_PATIENCE_MS / 1_000;
      consumption.#started.reject(new Error(`the group could not be joined within ${seconds} s`));
    }, START_PATIENCE_MS);
    void consumption.#membership.join();
    try {
      await consumption.#started.promise;
      return consumption;
    } catch (error) {
      await consumption.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async commit(offsets: Offsets): Promise<void> {
    if (this.#options.group === undefined) return;
    const ahead = [...offsets].filter(
      ([partition, offset]) => this.#readers.has(partition) && offset > (this.#committed.get(partition) ?? -1n),
    );
    if (ahead.length === 0) return;
    await this.#membership.commit(new Map(ahead));
    for (const [partition, offset] of ahead) this.#committed.set(partition, offset);
  }

  async close(): Promise<void> {
    const reason = new Error(`the consumer of ${this.#options.topic} was closed`);
    this.#closing.abort(reason);
    this.#started.promise.catch(() => undefined);
    this.#started.reject(reason);
    this.#revoke([...this.#readers.keys()], reason);
    await this.#membership.leave();
  }

  #newMembership(): Membership {
    const { kafka, topic, logger } = this.#options;
    return new Membership({
      kafka,
      topic,
      logger,
      group: this.#group,
      onAssigned: (partitions, memberId) => this.#assigned(partitions, memberId),
      onBatch: (payload) => this.#offer(payload),
      onPassedOver: (partition, lastOffset) => {
        const reader = this.#readers.get(partition);
        reader?.offer([], lastOffset + 1n, reader.end);
      },
      onEnded: (reason) => void this.#again(reason),
    });
  }

  /** Called before anything is fetched for the assignment. */
  #assigned(partitions: readonly number[], memberId: string): void {
    this.#assignment += 1;
    const isSameMember = memberId === this.#memberId;
    this.#memberId = memberId;
    // A member that keeps its id has been in every generation, so nobody else had what it still has.
    const lost = [...this.#readers.keys()].filter((each) => !isSameMember || !partitions.includes(each));
    this.#revoke(lost, new Error('the partition was taken away in a rebalance'));
    for (const [partition, reader] of this.#readers) this.#membership.seek(partition, reader.fetched);
    const fresh = partitions.filter((each) => !this.#readers.has(each));
    if (fresh.length > 0) this.#membership.setPaused(fresh, true);
    void this.#begin(fresh, this.#assignment);
  }

  #revoke(partitions: readonly number[], reason: Error): void {
    for (const partition of partitions) {
      const reader = this.#readers.get(partition);
      if (!reader) continue;
      this.#positions.set(partition, reader.position);
      this.#readers.delete(partition);
      this.#committed.delete(partition);
      reader.revoke(reason);
    }
  }

  /** Finds out where new partitions are read from, and lets them go. */
  async #begin(partitions: readonly number[], assignment: number): Promise<void> {
    const { topic, logger, onPartition } = this.#options;
    const isCurrent = (): boolean => assignment === this.#assignment && !this.#closing.signal.aborted;
    while (isCurrent()) {
      try {
        const starts = await this.#starts(isCurrent);
        if (!isCurrent()) return;
        for (const partition of partitions) onPartition(this.#read(partition, starts.get(partition) ?? 0n));
        this.#recovered();
        this.#started.resolve();
        return;
      } catch (error) {
        if (error instanceof UnknownTopicError) this.#started.reject(error);
        logger.debug({ topic, reason: messageOf(error) }, 'the offsets of a group cannot be read; trying on');
        await systemClock.sleep(FIRST_AGAIN_MS, this.#closing.signal).catch(() => undefined);
      }
    }
  }

  async #starts(isCurrent: () => boolean): Promise<Offsets> {
    const { admin, topic, group, logger } = this.#options;
    const [{ begins, ends }, committed] = await Promise.all([
      admin.offsets(topic),
      group === undefined ? this.#positions : admin.committed(group, topic),
    ]);
    const { starts, isNew } = startOffsets(this.#options, { begins, ends, committed }, logger);
    // All partitions, not only its own: to another new member the group must not look half known.
    if (isNew && group !== undefined && isCurrent()) await this.#membership.commit(starts);
    return starts;
  }

  #read(partition: number, start: bigint): KafkaReader {
    const { ends, topic } = this.#options;
    const membership = this.#membership;
    const reader = new KafkaReader({
      partition,
      start,
      end: () => ends.lastSeen(topic).get(partition) ?? 0n,
      setPaused: (isPaused) => membership.setPaused([partition], isPaused),
    });
    this.#readers.set(partition, reader);
    membership.seek(partition, start);
    membership.setPaused([partition], false);
    return reader;
  }

  #offer(payload: EachBatchPayload): void {
    const { batch } = payload;
    const { topic, partition, messages } = batch;
    const reader = this.#readers.get(partition);
    const last = messages.at(-1);
    // Fetched for an assignment that is over, or before a seek.
    if (!reader || !last || payload.isStale()) return;
    if (wasFetchedFrom(batch) > reader.fetched) {
      this.#membership.seek(partition, reader.fetched);
      return;
    }
    const records = messages.map((message) => storedRecord(topic, partition, message));
    reader.offer(records, BigInt(batch.lastOffset()) + 1n, BigInt(batch.highWatermark));
    payload.resolveOffset(last.offset);
  }

  /** A membership ended by itself. */
  async #again(reason: unknown): Promise<void> {
    const { topic, group, logger } = this.#options;
    this.#assignment += 1;
    this.#memberId = '';
    this.#revoke([...this.#readers.keys()], new Error('the connection to the group was lost'));
    const fields = { topic, group, reason: messageOf(reason) };
    const waitMs = Math.min(FIRST_AGAIN_MS * 2 ** this.#failures, LONGEST_AGAIN_MS);
    this.#failures += 1;
    if (this.#failures === TOLD_AT) logger.warn(fields, 'Kafka does not answer; reading goes on when it does');
    await systemClock.sleep(waitMs, this.#closing.signal).catch(() => undefined);
    if (this.#closing.signal.aborted) return;
    this.#membership = this.#newMembership();
    await this.#membership.join();
  }

  #recovered(): void {
    const { topic, group, logger } = this.#options;
    if (this.#failures >= TOLD_AT) logger.info({ topic, group }, 'Kafka answers again');
    this.#failures = 0;
  }
}

/** The offset that a batch was asked for; the library's types leave it out. */
function wasFetchedFrom(batch: EachBatchPayload['batch']): bigint {
  return 'fetchedOffset' in batch ? BigInt(String(batch.fetchedOffset)) : 0n;
}
