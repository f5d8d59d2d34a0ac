import type { Pool } from 'pg';

const TABLES = ['inbox', 'outbox', 'parked'] as const;

/** What a table holds, as the statistics of PostgreSQL have it, and what it takes on disk with its indexes. */
export interface TableSize {
  readonly rows: number;
  readonly bytes: number;
}

export type TableSizes = Readonly<Record<(typeof TABLES)[number], TableSize>>;

/** The sizes of a schema's tables that grow. Nothing is counted for it. */
export async function tableSizes(pool: Pool, schema: string): Promise<TableSizes> {
  const { rows } = await pool.query<{ table: string; rows: number; bytes: number }>(
    `SELECT relname AS table, n_live_tup::float8 AS rows, pg_total_relation_size(relid)::float8 AS bytes
     FROM pg_stat_user_tables WHERE schemaname = $1 AND relname = ANY ($2)`,
    [schema, [...TABLES]],
  );
  const sizeOf = (name: string): TableSize => {
    const found = rows.find(({ table }) => table === name);
    return { rows: found?.rows ?? 0, bytes: found?.bytes ?? 0 };
  };
  return { inbox: sizeOf('inbox'), outbox: sizeOf('outbox'), parked: sizeOf('parked') };
}
