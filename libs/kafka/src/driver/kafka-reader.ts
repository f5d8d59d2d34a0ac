import { deferred, orAborted, type Deferred } from '@ebb/core';
import type { PartitionReader, StoredRecord } from '@ebb/event-log';

/** With so many records waiting no more are fetched, and from so few on again: there is always something to take meanwhile. */
const FULL = 100;
const LOW = 50;

export interface KafkaReaderOptions {
  readonly partition: number;
  readonly start: bigint;
  readonly end: () => bigint;
  /** Stops fetching, or goes on. */
  readonly setPaused: (isPaused: boolean) => void;
}

/** One partition while it is ours: what was fetched waits here until it is taken, and fetching waits for the taker. */
export class KafkaReader implements PartitionReader {
  readonly partition: number;
  readonly start: bigint;
  readonly #options: KafkaReaderOptions;
  readonly #revoking = new AbortController();
  readonly #waiting: StoredRecord[] = [];
  #came: Deferred<void> = deferred();
  #fetched: bigint;
  #highWatermark = 0n;
  #isPaused = false;

  constructor(options: KafkaReaderOptions) {
    this.#options = options;
    this.partition = options.partition;
    this.start = options.start;
    this.#fetched = options.start;
  }

  get signal(): AbortSignal {
    return this.#revoking.signal;
  }

  /** The offset to fetch from. */
  get fetched(): bigint {
    return this.#fetched;
  }

  get position(): bigint {
    return this.#waiting[0]?.offset ?? this.#fetched;
  }

  get end(): bigint {
    const known = [this.#highWatermark, this.#fetched, this.#options.end()];
    return known.reduce((largest, each) => (each > largest ? each : largest));
  }

  async ready(signal?: AbortSignal): Promise<void> {
    this.signal.throwIfAborted();
    if (this.#waiting.length > 0) {
      signal?.throwIfAborted();
      return;
    }
    // Settled by the next records, or by the end of the reader.
    await orAborted(this.#came.promise, signal);
  }

  take(limit: number): Promise<readonly StoredRecord[]> {
    const taken = this.#waiting.splice(0, limit);
    if (this.#isPaused && this.#waiting.length <= LOW && !this.signal.aborted) this.#pause(false);
    return Promise.resolve(taken);
  }

  /** Takes in what was fetched; what it has already is passed over. */
  offer(records: readonly StoredRecord[], next: bigint, highWatermark: bigint): void {
    this.#highWatermark = highWatermark;
    for (const record of records) if (record.offset >= this.#fetched) this.#waiting.push(record);
    if (next > this.#fetched) this.#fetched = next;
    if (!this.#isPaused && this.#waiting.length >= FULL) this.#pause(true);
    this.#came.resolve();
    this.#came = deferred();
  }

  revoke(reason: Error): void {
    this.#waiting.length = 0;
    this.#revoking.abort(reason);
    // Handled here as well: nobody may be waiting.
    this.#came.promise.catch(() => undefined);
    this.#came.reject(reason);
  }

  #pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#options.setPaused(isPaused);
  }
}
