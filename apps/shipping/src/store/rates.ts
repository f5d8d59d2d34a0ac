import type { Sql } from '@ebb/postgres';
import type { Rate } from '../domain/price.ts';

export async function findZone(db: Sql, country: string): Promise<string | undefined> {
  const [row] = await db<{ zone: string }>`select zone from zones where country = ${country}`;
  return row?.zone;
}

export async function listRates(db: Sql, zone: string, currency: string): Promise<readonly Rate[]> {
  const rows = await db<{ max_grams: number; minor_units: number }>`
    select max_grams, minor_units from rates where zone = ${zone} and currency = ${currency} order by max_grams`;
  return rows.map(({ max_grams: maxGrams, minor_units: minorUnits }) => ({ maxGrams, minorUnits }));
}

/** What products weigh of which it is known. */
export async function findWeights(db: Sql, skus: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await db<{ sku: string; grams: number }>`
    select sku, grams from product_weights where sku = any (${skus})`;
  return new Map(rows.map(({ sku, grams }) => [sku, grams]));
}
