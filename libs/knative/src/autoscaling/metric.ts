const BUCKET_MS = 1_000;
const DECIMALS = 1e6;

/**
 * The load over time, in buckets of one second.
 * `level` holds until the next record, so a bucket is the time-weighted mean of its second; `count` is an event in its second.
 */
export class LoadMetric {
  readonly #windowMs: number;
  readonly #buckets = new Map<number, number>();
  #level = 0;
  #lastAt = 0;
  #firstBucket: number | undefined;

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

  /** The mean of the whole seconds within the window, since the first record; with none of them yet, the level now. */
  mean(nowMs: number, windowMs: number): number {
    this.#advance(nowMs);
    const now = bucketOf(nowMs);
    const first = this.#firstBucket ?? now;
    const seconds = Math.min(Math.round(windowMs / BUCKET_MS), now - first);
    if (seconds <= 0) return Math.max(this.#level, this.#buckets.get(now) ?? 0);
    let sum = 0;
    for (let bucket = now - seconds; bucket < now; bucket += 1) sum += this.#buckets.get(bucket) ?? 0;
    return Math.round((sum / seconds) * DECIMALS) / DECIMALS;
  }

  #advance(nowMs: number): void {
    this.#firstBucket ??= bucketOf(nowMs);
    if (this.#lastAt === 0) this.#lastAt = nowMs;
    // Nothing older than the window is ever read, so a long sleep is not walked through.
    let at = Math.max(this.#lastAt, nowMs - this.#windowMs - BUCKET_MS);
    while (this.#level > 0 && at < nowMs) {
      const end = Math.min((bucketOf(at) + 1) * BUCKET_MS, nowMs);
      this.#add(bucketOf(at), (this.#level * (end - at)) / BUCKET_MS);
      at = end;
    }
    this.#lastAt = Math.max(this.#lastAt, nowMs);
    this.#forget(nowMs);
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
