import type { CatalogueEntry } from '@ebb/catalogue';

/** What may be asked for as a function: `orders/confirm-order`. */
export function functionsOf(entries: readonly CatalogueEntry[]): readonly string[] {
  return entries.flatMap(({ name: service, functions }) => functions.map(({ name }) => `${service}/${name}`));
}
