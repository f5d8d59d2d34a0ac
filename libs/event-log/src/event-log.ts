import type { EventRecord } from '@ebb/events';
import type { Consumption, ConsumeOptions } from './consumption.ts';

/** A record as a topic keeps it: CloudEvents in Kafka's binary mode. */
export type LogRecord = EventRecord;

export interface StoredRecord extends LogRecord {
  readonly topic: string;
  readonly partition: number;
  /** Ascends in the order of commits. */
  readonly offset: bigint;
  readonly timestampMs: number;
}

export interface Position {
  readonly partition: number;
  readonly offset: bigint;
}

export interface TopicInfo {
  readonly name: string;
  readonly partitions: number;
  /** How long records are kept; Infinity: for ever. */
  readonly retentionMs: number;
}

/** partition → offset */
export type Offsets = ReadonlyMap<number, bigint>;

/**
 * The port to an event log: topics of partitions of records, and the offsets up to which consumer groups have come.
 * It offers only what Kafka's clients offer, so that drivers can take each other's place.
 */
export interface EventLog {
  /** Makes a topic, or leaves the one that exists as it is. */
  createTopic(topic: TopicInfo): Promise<void>;
  /** The topics that exist, or those of them that are named. */
  topics(names?: readonly string[]): Promise<readonly TopicInfo[]>;
  /**
   * Appends records; they are durable when it resolves. A key always goes to the same partition. After a failure, some may have been appended all the same.
   * @returns where each record went
   * @throws UnknownTopicError · EbbError EBB_TOO_LARGE when a record, or all of them together, are more than the topic takes: one by one they may pass
   */
  append(topic: string, records: readonly LogRecord[]): Promise<readonly Position[]>;
  /**
   * Reads a topic, for a group or for oneself. When it resolves, every record that is appended from now on will be seen.
   * @throws UnknownTopicError, and when the log cannot be reached
   */
  consume(options: ConsumeOptions): Promise<Consumption>;
  /** The oldest offset that is still kept, by partition. @throws UnknownTopicError */
  beginOffsets(topic: string): Promise<Offsets>;
  /** The offset that the next record gets, by partition. @throws UnknownTopicError */
  endOffsets(topic: string): Promise<Offsets>;
  /** Where a group goes on reading; partitions that it never committed are absent. */
  committed(group: string, topic: string): Promise<Offsets>;
  /** Deletes what is past its topic's retention, where the log does not do so itself; returns how many records went. */
  trim(): Promise<number>;
  close(): Promise<void>;
}
