import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

/** Every table of every schema: the services', the platform's, the event log's. */
const TABLES = `
  select format('%I.%I', schemaname, tablename) as name from pg_tables
  where schemaname not in ('pg_catalog', 'information_schema') order by 1`;

/** The tables of a workspace's database in which one of the marks stands, as text, or as bytes. */
export async function tablesWith(root: string, marks: readonly string[]): Promise<readonly string[]> {
  const postgres = (file: string): string => readFileSync(join(root, '.ebb/postgres', file), 'utf8').trim();
  const client = new pg.Client(`postgres://ebb:${postgres('password')}@127.0.0.1:${postgres('port')}/ebb`);
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(TABLES);
    const patterns = marks.flatMap((mark) => [`%${mark}%`, `%${Buffer.from(mark).toString('hex')}%`]);
    const found: string[] = [];
    for (const { name } of rows) {
      const text = `select 1 from ${name} as t where t::text ilike any ($1) limit 1`;
      if ((await client.query(text, [patterns])).rows.length > 0) found.push(name);
    }
    return found;
  } finally {
    await client.end();
  }
}

/** The files that a runtime keeps beside its database in which one of the marks stands: logs above all. */
export function filesWith(root: string, marks: readonly string[]): readonly string[] {
  const state = join(root, '.ebb');
  const names = readdirSync(state, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(join(state, 'postgres')))
    .map((entry) => join(entry.parentPath, entry.name));
  return names.filter((name) => {
    const text = readFileSync(name, 'latin1').toLowerCase();
    return marks.some((mark) => text.includes(mark.toLowerCase()));
  });
}
