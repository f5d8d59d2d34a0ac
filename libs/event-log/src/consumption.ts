import type { Offsets, StoredRecord } from './event-log.ts';

export interface ConsumeOptions {
  readonly topic: string;
  /** Whose offsets count, and who shares the partitions. Without it all partitions are read and nothing is remembered. */
  readonly group?: string;
  /** Where one that never committed begins (default: the end). Partitions that a known group never saw are read from their beginning. */
  readonly from?: 'begin' | 'end';
  /** Called with each partition that is given to this consumer, again when one comes back after it was taken away. */
  readonly onPartition: (reader: PartitionReader) => void;
}

/** One consumer of a topic, as a member of its group. */
export interface Consumption {
  /**
   * Notes where the group goes on reading. An offset never moves back; partitions that are not (or no longer) this consumer's are passed over.
   * @throws when the log did not take it; the same offsets may be committed again
   */
  commit(offsets: Offsets): Promise<void>;
  /** Gives the partitions up: their readers' signals are aborted. Commit before. */
  close(): Promise<void>;
}

/**
 * One partition while it is this consumer's. Records are taken, not pushed: what is not taken stays in the log, however slow the taker is.
 */
export interface PartitionReader {
  readonly partition: number;
  /** The offset from which it is read. */
  readonly start: bigint;
  /** The offset from which is taken next: everything before it was taken, or is no longer there. */
  readonly position: bigint;
  /** The offset that the partition's next record gets, as last seen; it may be some seconds old. */
  readonly end: bigint;
  /**
   * Aborted when the partition is taken away, or the consumption is closed. From then on begin nothing more; what is under way may end, and comes
   * again to whoever has the partition now.
   */
  readonly signal: AbortSignal;
  /** Resolves when there is something to take. @throws the reason of either signal */
  ready(signal?: AbortSignal): Promise<void>;
  /** The next records, oldest first, `limit` at most, without waiting for them: none when none is there. @throws when the log cannot be read */
  take(limit: number): Promise<readonly StoredRecord[]>;
}
