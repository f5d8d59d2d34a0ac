const BUCKET_MS = 1_000;
const DECIMALS = 1e6;

/**
 * The load over time, in buckets of one second, as Knative's autoscaler collects it.
 * `level` holds until the next record, so a bucket is the time-weighted mean of its second; `count` is an event in its second.
 * Seconds count from the first record on; after a whole window without a load and without a process that reports, they count anew.
 */
export class LoadMetric {
  readonly #windowMs: number;
  readonly #buckets = new Map<number, number>();
  #level = 0;
  /** Up to when the load is known; undefined before the first record. */
  #lastAt: number | undefined;
  #firstAt = 0;

  /** `windowMs`: how far back it is ever asked. */
  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** From now on the load is at this level (requests in flight). */
  level(nowMs: number, level: number): void {
    this.#advance(nowMs);
    this.#level = level;
  }

  /** Something happened (a request arrived). */
  count(nowMs: number): void {
    this.#advance(nowMs);
    this.#add(bucketOf(nowMs), 1);
  }

  /** Somebody reports: without a load, these seconds are known to be zero, and not just unknown. */
  touch(nowMs: number): void {
    this.#advance(nowMs);
  }

  /** The mean of the whole seconds within the window, since the first record; with none of them yet, the level now. */
  mean(nowMs: number, windowMs: number): number {
    if (this.#lastAt === undefined) return 0;
    // A level that holds is known until now; an empty one is only known when somebody reports it.
    if (this.#level > 0) this.#advance(nowMs);
    const now = bucketOf(nowMs);
    const first = bucketOf(this.#firstAt);
    const seconds = Math.min(Math.max(1, Math.round(windowMs / BUCKET_MS)), now - first);
    if (seconds <= 0) return Math.max(this.#level, this.#buckets.get(now) ?? 0);
    let sum = 0;
    for (let bucket = now - seconds; bucket < now; bucket += 1) sum += this.#buckets.get(bucket) ?? 0;
    return Math.round((sum / seconds) * DECIMALS) / DECIMALS;
  }

  #advance(nowMs: number): void {
    if (this.#lastAt === undefined || (this.#level === 0 && nowMs - this.#lastAt >= this.#windowMs)) {
      this.#buckets.clear();
      this.#firstAt = nowMs;
      this.#lastAt = nowMs;
      return;
    }
    // Nothing older than the window is ever read, so a long sleep is not walked through.
    let at = Math.max(this.#lastAt, nowMs - this.#windowMs - BUCKET_MS);
    while (this.#level > 0 && at < nowMs) {
      const end = Math.min((bucketOf(at) + 1) * BUCKET_MS, nowMs);
      this.#add(bucketOf(at), (this.#level * (end - at)) / this.#lengthMs(bucketOf(at)));
      at = end;
    }
    this.#lastAt = Math.max(this.#lastAt, nowMs);
    this.#forget(nowMs);
  }

  /** The first second is known from the first record on: the part of it that passed before does not count as idle. */
  #lengthMs(bucket: number): number {
    return bucket === bucketOf(this.#firstAt) ? (bucket + 1) * BUCKET_MS - this.#firstAt : BUCKET_MS;
  }

  #add(bucket: number, amount: number): void {
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + amount);
  }

  #forget(nowMs: number): void {
    const oldest = bucketOf(nowMs - this.#windowMs) - 1;
    for (const bucket of this.#buckets.keys()) {
      if (bucket >= oldest) break;
      this.#buckets.delete(bucket);
    }
  }
}

const bucketOf = (ms: number): number => Math.floor(ms / BUCKET_MS);
