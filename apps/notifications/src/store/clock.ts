import type { Sql } from '@ebb/postgres';

/** What PostgreSQL's clock says. */
export async function clockOf(db: Sql): Promise<string> {
  const [row] = await db<{ now: Date }>`select clock_timestamp() as now`;
  if (!row) throw new RangeError('a statement without FROM gives one row');
  return row.now.toISOString();
}
