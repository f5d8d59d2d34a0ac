/** Small enough that no delete holds locks or fills the log for long. */
export const TRIM_BATCH = 5_000;

/** Deletes batch by batch until one is not full; returns how many rows went. */
export async function inBatches(trimBatch: () => Promise<number>): Promise<number> {
  let trimmed = 0;
  for (;;) {
    const amount = await trimBatch();
    trimmed += amount;
    if (amount < TRIM_BATCH) return trimmed;
  }
}
