import { quoted, type Storage } from './storage.ts';

const MOMENTS = `
SELECT c.relname AS table, array_agg(a.attname::text ORDER BY a.attnum) AS columns
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE n.nspname = $1 AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  AND a.atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype)
GROUP BY c.relname ORDER BY c.relname`;

/**
 * Lets time pass without waiting for it: every moment that the schema has stored, the service's own among them, is moved into the past. To
 * whoever compares it with PostgreSQL's clock that is the same as if the clock had gone on. Triggers and references do not notice.
 */
export async function letPass({ outside, schema }: Storage, ms: number): Promise<void> {
  if (ms <= 0) return;
  const { rows } = await outside.query<{ table: string; columns: string[] }>(MOMENTS, [schema]);
  const updates = rows.map(({ table, columns }) => {
    const moved = columns.map((name) => `${quoted(name)} = ${quoted(name)} - ${ms} * interval '1 millisecond'`);
    return `UPDATE ${quoted(schema)}.${quoted(table)} SET ${moved.join(', ')}`;
  });
  // One message is one transaction: nobody sees a half of it.
  await outside.query(['SET LOCAL session_replication_role = replica', ...updates].join(';\n'));
}

/** How long it is until the next timer, or parked event, is due; undefined when nothing is. */
export async function nextDueMs({ outside, schema }: Storage): Promise<number | undefined> {
  const prefix = `${quoted(schema)}.`;
  const { rows } = await outside.query<{ ms: number | null }>(
    `SELECT ceil(extract(epoch FROM min(due) - clock_timestamp()) * 1000)::float8 AS ms FROM (
       SELECT due_at FROM ${prefix}timer
       UNION ALL SELECT available_at FROM ${prefix}parked WHERE closed_at IS NULL AND redriven_at IS NULL
     ) AS moments (due)`,
  );
  return rows[0]?.ms ?? undefined;
}
