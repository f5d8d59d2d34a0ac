/**
 * Which offsets of one partition are under way, and how far the partition is finished without a gap.
 * What is remembered grows with the events in flight only, never with those that finished behind a slow one.
 */
export interface OffsetLedger {
  /** The offset after the last that was taken on. */
  readonly next: bigint;
  /** The offset to commit: everything before it is finished. */
  readonly committable: bigint;
  readonly pending: number;
  /** When the oldest unfinished record was written, in milliseconds since the epoch. */
  readonly oldestMs: number | undefined;
  /** Takes a record on; offsets must ascend, but may skip what was trimmed or compacted. */
  begin(offset: bigint, timestampMs: number): void;
  done(offset: bigint): void;
  /** Goes on at `offset` because the records before it are gone. */
  skipTo(offset: bigint): void;
}

export function createOffsetLedger(start: bigint): OffsetLedger {
  // A Map keeps insertion order and offsets ascend, so its first entry is always the oldest.
  const pending = new Map<bigint, number>();
  let next = start;
  const oldest = (): [bigint, number] | undefined => pending.entries().next().value;
  return {
    get next() {
      return next;
    },
    get committable() {
      return oldest()?.[0] ?? next;
    },
    get pending() {
      return pending.size;
    },
    get oldestMs() {
      return oldest()?.[1];
    },
    begin(offset, timestampMs) {
      pending.set(offset, timestampMs);
      next = offset + 1n;
    },
    done: (offset) => void pending.delete(offset),
    skipTo(offset) {
      if (offset > next) next = offset;
    },
  };
}
