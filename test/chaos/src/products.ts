/** What the shop sells in a chaos run. Made by a migration of the run's own, so that the opening balance is known without asking. */
export interface Products {
  /** Never runs out: an order for it alone may not be rejected. */
  readonly plenty: readonly [string, ...string[]];
  /** Runs out in the middle of the run. */
  readonly scarce: readonly [string, ...string[]];
  /** One for each client, which nobody else restocks and nobody orders: its restocks must be seen in the order in which they were sent. */
  readonly own: readonly string[];
  /** Units on hand at the start, by SKU. */
  readonly opening: ReadonlyMap<string, number>;
}

const PLENTY_UNITS = 1_000_000_000;
/** An eighth of the orders want one; less than that is there. */
const SCARCE_UNITS_PER_EVENT = 0.04;

export function productsOf(events: number, clients: number): Products {
  const plenty = ['PLENTY-1', 'PLENTY-2', 'PLENTY-3', 'PLENTY-4'] as const;
  const scarce = ['SCARCE-1', 'SCARCE-2'] as const;
  const own = Array.from({ length: clients }, (_, client) => `OWN-${client}`);
  const opening = new Map<string, number>([
    ...plenty.map((sku) => [sku, PLENTY_UNITS] as const),
    ...scarce.map((sku) => [sku, Math.ceil(events * SCARCE_UNITS_PER_EVENT)] as const),
    ...own.map((sku) => [sku, 0] as const),
  ]);
  return { plenty, scarce, own, opening };
}

/** The migration that stocks them. */
export function migrationOf({ opening }: Products): string {
  const rows = [...opening].map(([sku, units]) => `  ('${sku}', 'Chaos ${sku}', ${units})`);
  return `-- Up Migration\n\ninsert into stock (sku, name, on_hand) values\n${rows.join(',\n')};\n`;
}
