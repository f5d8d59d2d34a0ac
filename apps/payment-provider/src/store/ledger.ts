import type { Money } from '@ebb/schemas';
import type { Sql } from '@ebb/postgres';

export const LEDGER_ENTRIES = ['authorized', 'captured', 'voided'] as const;

export interface LedgerEntry {
  readonly entry: number;
  readonly reference: string;
  readonly what: (typeof LEDGER_ENTRIES)[number];
  readonly amount: Money;
  /** ISO 8601. */
  readonly at: string;
}

interface LedgerRow {
  entry: string;
  reference: string;
  what: LedgerEntry['what'];
  minor_units: string;
  currency: string;
  at: Date;
}

export async function bookEntry(
  db: Sql,
  reference: string,
  what: LedgerEntry['what'],
  { minorUnits, currency }: Money,
): Promise<void> {
  await db`
    insert into ledger (reference, what, minor_units, currency) values (${reference}, ${what}, ${minorUnits}, ${currency})`;
}

/** What was booked, in order: all of it, or what concerns one payment. */
export async function listLedger(
  db: Sql,
  { after, limit, reference }: { after: number; limit: number; reference?: string | undefined },
): Promise<readonly LedgerEntry[]> {
  const rows = await db<LedgerRow>`
    select * from ledger
    where entry > ${after} and (${reference ?? null}::text is null or reference = ${reference ?? null}::text)
    order by entry limit ${limit}`;
  return rows.map(({ entry, reference, what, minor_units: minorUnits, currency, at }) => ({
    entry: Number(entry),
    reference,
    what,
    amount: { minorUnits: Number(minorUnits), currency },
    at: at.toISOString(),
  }));
}
