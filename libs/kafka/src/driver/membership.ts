import type { Logger } from '@ebb/core';
import type { Offsets } from '@ebb/event-log';
import type { Consumer, ConsumerCrashEvent, EachBatchPayload, Kafka } from 'kafkajs';

/** A member that is killed holds its partitions for this long: the least that brokers allow, so that its successor need not wait. */
const SESSION_TIMEOUT_MS = 6_000;
const HEARTBEAT_MS = 1_500;
const REBALANCE_TIMEOUT_MS = 15_000;
/** While all partitions are paused the library looks again only after this time. */
const LONGEST_POLL_MS = 250;
const PARTITION_BYTES = 262_144;
const RETRY = {
  initialRetryTime: 100,
  maxRetryTime: 1_000,
  retries: 8,
  restartOnFailure: () => Promise.resolve(false),
};
/** A consumer that polls every quarter of a second and has not for so long is stuck. */
const STUCK_MS = 45_000;
const WATCH_MS = 5_000;
const LEAVE_TIMEOUT_MS = 5_000;

export interface MembershipOptions {
  readonly kafka: Kafka;
  readonly group: string;
  readonly topic: string;
  readonly logger: Logger;
  /** The group gave these partitions to this member. A member that was away for too long comes back with another id. */
  readonly onAssigned: (partitions: readonly number[], memberId: string) => void;
  readonly onBatch: (payload: EachBatchPayload) => void;
  /** Nothing but marks of transactions up to an offset. */
  readonly onPassedOver: (partition: number, lastOffset: bigint) => void;
  /** It is over: a new membership is needed. */
  readonly onEnded: (reason: unknown) => void;
}

/** One life of a consumer of the library: from joining the group to leaving it, or to a failure that it does not overcome by itself. */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #consumer: Consumer;
  #watch: NodeJS.Timeout | undefined;
  #polledAt = Date.now();
  #isOver = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#consumer = options.kafka.consumer({
      groupId: options.group,
      sessionTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      maxWaitTimeInMs: LONGEST_POLL_MS,
      maxBytesPerPartition: PARTITION_BYTES,
      allowAutoTopicCreation: false,
      retry: RETRY,
    });
    this.#listen();
  }

  /** Joins the group. A failure is told by `onEnded`, like a later one. */
  async join(): Promise<void> {
    try {
      await this.#consumer.connect();
      // Where an offset is gone (trimmed, or the topic was made anew), what is there is read from its beginning: nothing is skipped.
      await this.#consumer.subscribe({ topics: [this.#options.topic], fromBeginning: true });
      await this.#consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: (payload) => {
          this.#options.onBatch(payload);
          return Promise.resolve();
        },
      });
      this.#watch = setInterval(() => this.#assertPolling(), WATCH_MS).unref();
    } catch (error) {
      this.#end(error);
    }
  }

  seek(partition: number, offset: bigint): void {
    if (!this.#isOver) this.#consumer.seek({ topic: this.#options.topic, partition, offset: String(offset) });
  }

  setPaused(partitions: readonly number[], isPaused: boolean): void {
    if (this.#isOver) return;
    const what = [{ topic: this.#options.topic, partitions: [...partitions] }];
    if (isPaused) this.#consumer.pause(what);
    else this.#consumer.resume(what);
  }

  /** @throws when the group's coordinator does not take it: because of a rebalance, or of an outage */
  async commit(offsets: Offsets): Promise<void> {
    const { topic } = this.#options;
    const list = [...offsets].map(([partition, offset]) => ({ topic, partition, offset: String(offset) }));
    await this.#consumer.commitOffsets(list);
    // The library passes over the commits of a consumer that has stopped, without a word.
    if (this.#isOver) throw new Error('the consumer stopped before its offsets were committed');
  }

  /** Leaves the group, if that can be told to anyone. */
  async leave(): Promise<void> {
    this.#isOver = true;
    clearInterval(this.#watch);
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LEAVE_TIMEOUT_MS);
    });
    await Promise.race([this.#consumer.disconnect().catch(() => undefined), tooLong]);
    clearTimeout(timer);
  }

  #listen(): void {
    const { topic, onAssigned, onPassedOver } = this.#options;
    const consumer = this.#consumer;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      this.#polledAt = Date.now();
      if (!this.#isOver) onAssigned(payload.memberAssignment[topic] ?? [], payload.memberId);
    });
    consumer.on(consumer.events.FETCH_START, () => {
      this.#polledAt = Date.now();
    });
    consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) onPassedOver(payload.partition, BigInt(payload.lastOffset));
    });
    consumer.on(consumer.events.CRASH, ({ payload }: ConsumerCrashEvent) => this.#end(payload.error));
  }

  #assertPolling(): void {
    if (Date.now() - this.#polledAt > STUCK_MS) this.#end(new Error(`no poll for ${STUCK_MS / 1_000} s`));
  }

  #end(reason: unknown): void {
    if (this.#isOver) return;
    void this.leave();
    this.#options.onEnded(reason);
  }
}
