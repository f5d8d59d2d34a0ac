import { systemClock } from '@ebb/core';
import { UnknownTopicError, type Offsets, type TopicInfo } from '@ebb/event-log';
import { ConfigResourceTypes, type Admin, type Kafka } from 'kafkajs';
import { isPassing, protocolErrorOf } from '../connection/kafka-errors.ts';

const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 3 };
/** A broker that starts, or a coordinator that moves, is back within this time. */
const PATIENCE_MS = 30_000;
const AGAIN_MS = 300;
const LED_AGAIN_MS = 50;
/** How Kafka writes that a topic keeps everything. */
const FOR_EVER = -1;
/** Leave the number of replicas to the cluster. */
const BROKER_DEFAULT = -1;

/** Questions and orders to a cluster. One that meets a passing trouble is repeated for a while. */
export class KafkaAdmin {
  readonly #kafka: Kafka;
  readonly #closing = new AbortController();
  #admin: Promise<Admin> | undefined;

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
  }

  /** One attempt: whether the cluster can be reached. */
  async ping(): Promise<void> {
    await this.#attempt((admin) => admin.listTopics());
  }

  /** @returns the names of those that are there */
  names(): Promise<readonly string[]> {
    return this.#patiently((admin) => admin.listTopics());
  }

  async createTopic({ name, partitions, retentionMs }: TopicInfo): Promise<void> {
    // Asked first: whoever may use a topic that exists need not have the right to make one.
    if ((await this.names()).includes(name)) return;
    await this.#patiently((admin) =>
      admin.createTopics({
        // We wait ourselves: the library takes a topic that a broker has not heard of yet for one that is not there.
        waitForLeaders: false,
        topics: [
          {
            topic: name,
            numPartitions: partitions,
            replicationFactor: BROKER_DEFAULT,
            configEntries: [
              { name: 'retention.ms', value: String(Number.isFinite(retentionMs) ? retentionMs : FOR_EVER) },
            ],
          },
        ],
      }),
    );
    await this.#untilLed(name, partitions);
  }

  async topics(wanted: readonly string[] | undefined): Promise<readonly TopicInfo[]> {
    const existing = await this.names();
    const names = existing.filter((name) => (wanted ? wanted.includes(name) : !name.startsWith('__'))).sort();
    if (names.length === 0) return [];
    const [{ topics }, { resources }] = await Promise.all([
      this.#patiently((admin) => admin.fetchTopicMetadata({ topics: names })),
      this.#patiently((admin) =>
        admin.describeConfigs({
          includeSynonyms: false,
          resources: names.map((name) => ({ type: ConfigResourceTypes.TOPIC, name, configNames: ['retention.ms'] })),
        }),
      ),
    ]);
    const partitions = new Map(topics.map((topic) => [topic.name, topic.partitions.length]));
    const retentions = new Map(
      resources.map(({ resourceName, configEntries }) => [resourceName, configEntries[0]?.configValue]),
    );
    return names.map((name) => ({
      name,
      partitions: partitions.get(name) ?? 0,
      retentionMs: retentionOf(retentions.get(name)),
    }));
  }

  /** @throws UnknownTopicError */
  async partitionsOf(topic: string): Promise<number> {
    const { topics } = await this.#ofTopic(topic, (admin) => admin.fetchTopicMetadata({ topics: [topic] }));
    return topics[0]?.partitions.length ?? 0;
  }

  /** @throws UnknownTopicError */
  async offsets(topic: string): Promise<{ readonly begins: Offsets; readonly ends: Offsets }> {
    const partitions = await this.#ofTopic(topic, (admin) => admin.fetchTopicOffsets(topic));
    const sorted = [...partitions].sort((a, b) => a.partition - b.partition);
    return {
      begins: new Map(sorted.map(({ partition, low }) => [partition, BigInt(low)])),
      ends: new Map(sorted.map(({ partition, high }) => [partition, BigInt(high)])),
    };
  }

  async committed(group: string, topic: string): Promise<Offsets> {
    const topics = await this.#patiently((admin) => admin.fetchOffsets({ groupId: group, topics: [topic] }));
    const known = topics.flatMap(({ partitions }) => partitions).filter(({ offset }) => BigInt(offset) >= 0n);
    return new Map(known.map(({ partition, offset }) => [partition, BigInt(offset)]));
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the event log was closed'));
    await this.#retire();
  }

  /** A topic that was just made is no use before each partition has a leader, and every broker knows of it. */
  async #untilLed(topic: string, partitions: number): Promise<void> {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        const { topics } = await this.#attempt((admin) => admin.fetchTopicMetadata({ topics: [topic] }));
        const led = topics[0]?.partitions.filter(({ leader }) => leader >= 0) ?? [];
        // It may have been there already, with fewer.
        if (led.length === topics[0]?.partitions.length && led.length > 0) return;
        throw new Error(`of ${partitions} partitions of "${topic}" ${led.length} have a leader`);
      } catch (error) {
        this.#closing.signal.throwIfAborted();
        if (Date.now() > until) throw error;
        await systemClock.sleep(LED_AGAIN_MS, this.#closing.signal);
      }
    }
  }

  /** Asks for the names first: the library repeats a question about an unknown topic, as if it were about to come. */
  async #ofTopic<T>(topic: string, work: (admin: Admin) => Promise<T>): Promise<T> {
    if (!(await this.names()).includes(topic)) throw new UnknownTopicError(topic);
    try {
      return await this.#patiently(work);
    } catch (error) {
      throw protocolErrorOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION' ? new UnknownTopicError(topic) : error;
    }
  }

  async #patiently<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await this.#attempt(work);
      } catch (error) {
        this.#closing.signal.throwIfAborted();
        if (!isPassing(error) || Date.now() > until) throw error;
        await systemClock.sleep(AGAIN_MS, this.#closing.signal);
      }
    }
  }

  async #attempt<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    this.#closing.signal.throwIfAborted();
    const current = (this.#admin ??= this.#connect());
    try {
      return await work(await current);
    } catch (error) {
      // A client that lost its connection may hold on to an address that is no more.
      if (this.#admin === current && isPassing(error)) await this.#retire();
      throw error;
    }
  }

  async #connect(): Promise<Admin> {
    const admin = this.#kafka.admin({ retry: RETRY });
    await admin.connect();
    return admin;
  }

  async #retire(): Promise<void> {
    const admin = this.#admin;
    this.#admin = undefined;
    await admin?.then((connected) => connected.disconnect()).catch(() => undefined);
  }
}

function retentionOf(value: string | undefined): number {
  const ms = Number(value ?? FOR_EVER);
  return ms < 0 ? Infinity : ms;
}
