import type { OpenTransaction } from '../open-transaction.ts';
import { Identifier } from '../sql.ts';

/** The most rows of a table that are shown. */
const MAX_ROWS = 50;

/** What a transaction did to one table. */
export interface TableChanges {
  readonly table: string;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  /** The rows that were inserted or updated, as they are afterwards; deleted ones cannot be seen any more. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

const CHANGED_TABLES = `
SELECT relname AS table, n_tup_ins::int AS inserted, n_tup_upd::int AS updated, n_tup_del::int AS deleted
FROM pg_stat_xact_user_tables WHERE schemaname = current_schema() AND n_tup_ins + n_tup_upd + n_tup_del > 0 ORDER BY relname`;

/** More transactions than any other begins while a dry run is at work: what is further away is of an earlier round of the counter. */
const MAX_DISTANCE = 1_000_000;

/** Of the rows that one sees, those whose writer has not ended are one's own, also those that were written after a savepoint. */
const ownRows = (table: string): string => `
SELECT to_json(t) AS row FROM ${new Identifier(table).text} t
WHERE CASE WHEN age(t.xmin) BETWEEN -${MAX_DISTANCE} AND 0
  THEN pg_xact_status((pg_current_xact_id()::text::bigint - age(t.xmin))::text::xid8) = 'in progress' END
LIMIT ${MAX_ROWS}`;

/** What a connection has counted: not only of this transaction, but also of those before that PostgreSQL has not added up yet. */
export type Counts = ReadonlyMap<string, Omit<TableChanges, 'rows'>>;

export async function countsOf(tx: OpenTransaction): Promise<Counts> {
  const { rows } = await tx.query<Omit<TableChanges, 'rows'>>({ text: CHANGED_TABLES, span: 'SELECT changes' });
  return new Map(rows.map((row) => [row.table, row]));
}

/** What this transaction has written since `before`, in the tables of its schema. */
export async function changesSince(before: Counts, tx: OpenTransaction): Promise<readonly TableChanges[]> {
  const changes: TableChanges[] = [];
  for (const [table, now] of await countsOf(tx)) {
    const then = before.get(table) ?? { inserted: 0, updated: 0, deleted: 0 };
    const inserted = now.inserted - then.inserted;
    const updated = now.updated - then.updated;
    const deleted = now.deleted - then.deleted;
    if (inserted + updated + deleted === 0) continue;
    const { rows } = await tx.query<{ row: Record<string, unknown> }>({ text: ownRows(table), span: 'SELECT changes' });
    changes.push({ table, inserted, updated, deleted, rows: rows.map(({ row }) => row) });
  }
  return changes;
}
