import { EbbError, messageOf, silentLogger, type Logger } from '@ebb/core';
import { assertRecordFits } from '@ebb/events';
import {
  partitionOf,
  type ConsumeOptions,
  type Consumption,
  type EventLog,
  type LogRecord,
  type Offsets,
  type Position,
  type TopicInfo,
  UnknownTopicError,
} from '@ebb/event-log';
import type { Kafka } from 'kafkajs';
import { kafkaClient } from '../connection/kafka-client.ts';
import { isTooLarge, protocolErrorOf } from '../connection/kafka-errors.ts';
import { parseKafkaUrl } from '../connection/kafka-url.ts';
import { EndOffsets } from './end-offsets.ts';
import { KafkaAdmin } from './kafka-admin.ts';
import { KafkaConsumption } from './kafka-consumption.ts';
import { TopicWriter } from './topic-writer.ts';

export interface KafkaLogOptions {
  /** `kafka://host:port,…`, see {@link parseKafkaUrl}. */
  readonly url: string;
  readonly logger?: Logger;
}

/** The event log in Kafka. @throws when the cluster cannot be reached: one attempt, whoever waits tries again */
export async function openKafkaLog({ url, logger = silentLogger }: KafkaLogOptions): Promise<EventLog> {
  const log = new KafkaLog(kafkaClient(parseKafkaUrl(url), logger), logger);
  try {
    await log.ping();
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** Topics may get more partitions while we run; a writer learns of it within this time, as Kafka's own clients do. */
const PARTITIONS_KNOWN_MS = 300_000;

class KafkaLog implements EventLog {
  readonly #kafka: Kafka;
  readonly #logger: Logger;
  readonly #admin: KafkaAdmin;
  readonly #ends: EndOffsets;
  readonly #writers = new Map<string, TopicWriter>();
  readonly #consumptions = new Set<Consumption>();
  readonly #partitions = new Map<string, { readonly count: number; readonly until: number }>();
  #roundRobin = 0;

  constructor(kafka: Kafka, logger: Logger) {
    this.#kafka = kafka;
    this.#logger = logger;
    this.#admin = new KafkaAdmin(kafka);
    this.#ends = new EndOffsets((topic) => this.endOffsets(topic));
  }

  ping(): Promise<void> {
    return this.#admin.ping();
  }

  createTopic(topic: TopicInfo): Promise<void> {
    return this.#admin.createTopic(topic);
  }

  topics(names?: readonly string[]): Promise<readonly TopicInfo[]> {
    return this.#admin.topics(names);
  }

  async append(topic: string, records: readonly LogRecord[]): Promise<readonly Position[]> {
    if (records.length === 0) return [];
    records.forEach(assertRecordFits);
    const partitions = await this.#partitionsOf(topic);
    const placed = records.map((record) => ({ record, partition: this.#place(record, partitions) }));
    const writer = this.#writers.get(topic) ?? new TopicWriter(this.#kafka, topic);
    this.#writers.set(topic, writer);
    try {
      return await writer.append(placed);
    } catch (error) {
      if (isTooLarge(error)) throw tooLargeFor(topic, error);
      if (protocolErrorOf(error) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error;
      // It may have been made anew since, with fewer partitions.
      this.#partitions.delete(topic);
      throw new UnknownTopicError(topic);
    }
  }

  async consume(options: ConsumeOptions): Promise<Consumption> {
    const given = { kafka: this.#kafka, admin: this.#admin, ends: this.#ends, logger: this.#logger };
    const consumption = await KafkaConsumption.start({ ...options, ...given });
    this.#consumptions.add(consumption);
    return {
      commit: (offsets) => consumption.commit(offsets),
      close: () => {
        this.#consumptions.delete(consumption);
        return consumption.close();
      },
    };
  }

  async beginOffsets(topic: string): Promise<Offsets> {
    return (await this.#admin.offsets(topic)).begins;
  }

  async endOffsets(topic: string): Promise<Offsets> {
    return (await this.#admin.offsets(topic)).ends;
  }

  committed(group: string, topic: string): Promise<Offsets> {
    return this.#admin.committed(group, topic);
  }

  /** Kafka does it by itself. */
  trim(): Promise<number> {
    return Promise.resolve(0);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#consumptions].map((consumption) => consumption.close()));
    await Promise.all([...this.#writers.values()].map((writer) => writer.close()));
    await this.#admin.close();
  }

  async #partitionsOf(topic: string): Promise<number> {
    const known = this.#partitions.get(topic);
    if (known && known.until > Date.now()) return known.count;
    const count = await this.#admin.partitionsOf(topic);
    this.#partitions.set(topic, { count, until: Date.now() + PARTITIONS_KNOWN_MS });
    return count;
  }

  #place({ key }: LogRecord, partitions: number): number {
    if (key !== null) return partitionOf(key, partitions);
    this.#roundRobin = (this.#roundRobin + 1) % partitions;
    return this.#roundRobin;
  }
}

function tooLargeFor(topic: string, cause: unknown): EbbError {
  return new EbbError('EBB_TOO_LARGE', `topic "${topic}" takes no batch of this size: ${messageOf(cause)}`, { cause });
}
