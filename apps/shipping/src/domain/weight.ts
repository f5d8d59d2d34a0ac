import type { OrderLine } from '@ebb/schemas';

/** What a product weighs whose weight nobody wrote down. */
const USUAL_GRAMS = 500;

/** What the products of an order weigh together. */
export function weightOf(
  lines: readonly Pick<OrderLine, 'sku' | 'quantity'>[],
  gramsBySku: ReadonlyMap<string, number>,
): number {
  return lines.reduce((sum, { sku, quantity }) => sum + quantity * (gramsBySku.get(sku) ?? USUAL_GRAMS), 0);
}
