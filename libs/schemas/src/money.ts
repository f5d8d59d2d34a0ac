import * as z from 'zod/mini';

/** An amount in the currency's smallest unit (cents for EUR, yen for JPY): integers add up, fractions do not. */
export const Money = z.object({
  minorUnits: z.int().check(z.minimum(0), z.maximum(Number.MAX_SAFE_INTEGER)),
  /** ISO 4217. */
  currency: z.string().check(z.regex(/^[A-Z]{3}$/, 'must be a currency code of three capitals, such as EUR')),
});

export type Money = z.infer<typeof Money>;

/**
 * Multiplies and adds in integers.
 * @returns undefined when a result is no longer exact, which no order of this world comes near to
 */
export function sumOf(products: readonly (readonly [number, number])[]): number | undefined {
  let sum = 0;
  for (const [factor, value] of products) {
    sum += factor * value;
    // Checked at each step: the sum of two inexact numbers may look exact again.
    if (!Number.isSafeInteger(factor * value) || !Number.isSafeInteger(sum)) return undefined;
  }
  return sum;
}
