/** How often each key comes. */
export function countBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) {
    const key = keyOf(item);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** The units of each product. */
export function unitsBySku(items: readonly { readonly sku: string; readonly quantity: number }[]): Map<string, number> {
  const units = new Map<string, number>();
  for (const { sku, quantity } of items) units.set(sku, (units.get(sku) ?? 0) + quantity);
  return units;
}

/** As text that is equal for equal contents. */
export function unitsText(units: ReadonlyMap<string, number>): string {
  return [...units]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([sku, quantity]) => `${quantity} ${sku}`)
    .join(', ');
}
