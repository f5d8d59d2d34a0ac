import type { Position } from '@ebb/event-log';
import type { Kafka, Producer, RecordMetadata } from 'kafkajs';
import { chunksOf, type Placed } from './chunks.ts';
import { messageOf } from './messages.ts';

const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 4 };
const ALL_REPLICAS = -1;

/**
 * Appends to one topic, one request at a time: an idempotent producer numbers its batches, and the order per key is that of the calls.
 *
 * A producer that failed is replaced. It cannot know whether its last batch was written; the next one would get the same numbers, and a broker that
 * has the batch after all would take the next for its repetition and drop it.
 */
export class TopicWriter {
  readonly #kafka: Kafka;
  readonly #topic: string;
  #producer: Promise<Producer> | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(kafka: Kafka, topic: string) {
    this.#kafka = kafka;
    this.#topic = topic;
  }

  /** Resolves when all in-sync replicas have the records. */
  append(placed: readonly Placed[]): Promise<readonly Position[]> {
    const mine = this.#turn.then(async () => {
      const positions: Position[] = [];
      for (const chunk of chunksOf(placed)) positions.push(...(await this.#send(chunk)));
      return positions;
    });
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#retire();
  }

  async #send(chunk: readonly Placed[]): Promise<readonly Position[]> {
    const messages = chunk.map(({ record, partition }) => messageOf(record, partition));
    try {
      this.#producer ??= this.#connect();
      const producer = await this.#producer;
      return positionsOf(chunk, await producer.send({ topic: this.#topic, messages, acks: ALL_REPLICAS }));
    } catch (error) {
      await this.#retire();
      throw error;
    }
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: RETRY,
    });
    await producer.connect();
    return producer;
  }

  async #retire(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    // One that cannot be reached cannot be told either; its sockets are closed all the same.
    await producer?.then((connected) => connected.disconnect()).catch(() => undefined);
  }
}

/** A partition's records of one request lie one behind the other. */
function positionsOf(chunk: readonly Placed[], answers: readonly RecordMetadata[]): readonly Position[] {
  const next = new Map(answers.map(({ partition, baseOffset }) => [partition, BigInt(baseOffset ?? '-1')]));
  return chunk.map(({ partition }) => {
    const offset = next.get(partition) ?? -1n;
    next.set(partition, offset + 1n);
    return { partition, offset };
  });
}
