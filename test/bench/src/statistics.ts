export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws RangeError when there are no values */
export function summaryOf(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) throw new RangeError('nothing was measured');
  const middle = sorted.length / 2;
  const [low = min, high = min] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return { median: (low + high) / 2, min, max };
}

/** Each value beside the baseline's of the same round: what slows the machine down for a while, slows down both. */
export function ratiosOf(values: readonly number[], baseline: readonly number[]): readonly number[] {
  return values.map((value, round) => value / (baseline[round] ?? NaN));
}

export function differencesOf(values: readonly number[], baseline: readonly number[]): readonly number[] {
  return values.map((value, round) => value - (baseline[round] ?? NaN));
}
