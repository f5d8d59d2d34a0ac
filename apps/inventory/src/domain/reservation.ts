import type { OrderLine, Shortage } from '@ebb/schemas';

/** So many of one product. */
export interface Item {
  readonly sku: string;
  readonly quantity: number;
}

/** Set aside; refused for want of something; put back; gone to the customer. */
export type Outcome = 'reserved' | 'rejected' | 'released' | 'committed';

/** What an order wants of each product, by SKU: lines of the same product are one item. */
export function itemsOf(lines: readonly Pick<OrderLine, 'sku' | 'quantity'>[]): Item[] {
  const wanted = new Map<string, number>();
  for (const { sku, quantity } of lines) wanted.set(sku, (wanted.get(sku) ?? 0) + quantity);
  // Sorted, so that the event reads the same in whatever order the lines were written.
  return [...wanted].map(([sku, quantity]) => ({ sku, quantity })).sort((a, b) => (a.sku < b.sku ? -1 : 1));
}

/** The items of which less is available than wanted; a product that is not in stock has none. */
export function shortagesOf(items: readonly Item[], available: ReadonlyMap<string, number>): Shortage[] {
  return items
    .map(({ sku, quantity }) => ({ sku, wanted: quantity, available: available.get(sku) ?? 0 }))
    .filter((item) => item.available < item.wanted);
}
