import { orAborted } from '@ebb/core';
import type { PartitionReader } from '../consumption.ts';
import type { StoredRecord } from '../event-log.ts';
import type { TopicWatcher } from './topic-watcher.ts';

export interface PostgresReaderOptions {
  readonly partition: number;
  readonly start: bigint;
  readonly signal: AbortSignal;
  readonly watcher: TopicWatcher;
  /** Reads the partition from an offset on. */
  readonly fetch: (from: bigint, limit: number) => Promise<readonly StoredRecord[]>;
  /** The oldest offset that is kept. */
  readonly begin: () => Promise<bigint>;
}

/** Reads one partition by its offsets. */
export class PostgresReader implements PartitionReader {
  readonly partition: number;
  readonly start: bigint;
  readonly signal: AbortSignal;
  readonly #options: PostgresReaderOptions;
  #position: bigint;

  constructor(options: PostgresReaderOptions) {
    this.#options = options;
    this.partition = options.partition;
    this.start = options.start;
    this.signal = options.signal;
    this.#position = options.start;
  }

  get position(): bigint {
    return this.#position;
  }

  get end(): bigint {
    return this.#options.watcher.ends.get(this.partition) ?? this.start;
  }

  ready(signal?: AbortSignal): Promise<void> {
    return orAborted(this.#options.watcher.beyond(this.partition, this.#position, this.signal), signal);
  }

  async take(limit: number): Promise<readonly StoredRecord[]> {
    const { fetch, begin } = this.#options;
    const records = await fetch(this.#position, limit);
    const last = records.at(-1);
    if (last) {
      this.#position = last.offset + 1n;
    } else if (this.end > this.#position) {
      // The topic reaches further, yet nothing is there: retention took it.
      const kept = await begin();
      if (kept > this.#position) this.#position = kept;
    }
    return records;
  }
}
