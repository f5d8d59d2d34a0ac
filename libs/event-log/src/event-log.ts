import type { EventRecord } from '@ebb/events';

/** A record as a topic keeps it: CloudEvents in Kafka's binary mode. */
export type LogRecord = EventRecord;

export interface StoredRecord extends LogRecord {
  readonly topic: string;
  readonly partition: number;
  /** From 0, without gaps, in the order of commits. */
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
  readonly retentionMs: number;
}

/** partition → offset */
export type Offsets = ReadonlyMap<number, bigint>;

/**
 * The port to an event log: topics of partitions of records, and the offsets up to which consumer groups have come.
 * It offers only what Kafka offers, too, so that drivers can take each other's place.
 */
export interface EventLog {
  /** Makes a topic, or leaves the one that exists as it is. */
  createTopic(topic: TopicInfo): Promise<void>;
  topics(): Promise<readonly TopicInfo[]>;
  /**
   * Appends records; they are durable when it resolves. A key always goes to the same partition.
   * @returns where each record went
   * @throws UnknownTopicError · EbbError EBB_TOO_LARGE when a record could never be appended; then none of them was
   */
  append(topic: string, records: readonly LogRecord[]): Promise<readonly Position[]>;
  /** The records of a partition from an offset on, oldest first; those that retention took are passed over. */
  fetch(topic: string, partition: number, from: bigint, limit: number): Promise<readonly StoredRecord[]>;
  /** The oldest offset that is still kept, by partition. @throws UnknownTopicError */
  beginOffsets(topic: string): Promise<Offsets>;
  /** The offset that the next record gets, by partition. @throws UnknownTopicError */
  endOffsets(topic: string): Promise<Offsets>;
  /** Where a group goes on reading; partitions that it never committed are absent. */
  committed(group: string, topic: string): Promise<Offsets>;
  /** Notes where a group goes on reading. An offset never moves back. */
  commit(group: string, topic: string, offsets: Offsets): Promise<void>;
  /** Calls back soon after records were appended to a topic: a hint that may be lost, so consumers poll as well. */
  onAppend(listener: (topic: string) => void): () => void;
  /** Deletes what is past its topic's retention; returns how many records went. */
  trim(): Promise<number>;
  close(): Promise<void>;
}
