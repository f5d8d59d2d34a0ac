import { EbbError, messageOf } from '@ebb/core';
import type { Client } from 'pg';
import type { Migration } from './sql-files.ts';

export interface RunOptions {
  readonly schema: string;
  /** Where it is noted what was run. */
  readonly table: string;
  readonly migrations: readonly Migration[];
}

/**
 * Runs what was not run yet, each migration in a transaction of its own, and returns the names. The caller holds a lock.
 * @throws EbbError EBB_RUNTIME naming the migration that failed; what ran before it stays
 */
export async function runMigrations(client: Client, options: RunOptions): Promise<readonly string[]> {
  const { schema, table, migrations } = options;
  const notes = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(table)}`;
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${notes} (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL)`,
  );
  const { rows } = await client.query<{ name: string }>(`SELECT name FROM ${notes} ORDER BY run_on, id`);
  const missing = notRunYet(
    migrations,
    rows.map(({ name }) => name),
  );
  for (const migration of missing) await runOne(client, migration, { schema, notes });
  return missing.map(({ name }) => name);
}

/**
 * A file that sorts before one which ran would have run first elsewhere: the two databases would differ. A newer version of the
 * service may have run more than this one knows, which is how a rollback finds the database.
 */
function notRunYet(migrations: readonly Migration[], ran: readonly string[]): readonly Migration[] {
  const missing = migrations.filter(({ name }) => !ran.includes(name));
  const last = migrations.findLastIndex(({ name }) => ran.includes(name));
  const late = migrations.slice(0, last + 1).find(({ name }) => !ran.includes(name));
  if (!late) return missing;
  throw new EbbError(
    'EBB_RUNTIME',
    `migration ${late.name} comes before ${String(migrations[last]?.name)}, which ran already; give it a number after it`,
  );
}

async function runOne(
  client: Client,
  { name, sql }: Migration,
  { schema, notes }: { readonly schema: string; readonly notes: string },
): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(`SET LOCAL search_path TO ${client.escapeIdentifier(schema)}`);
    await client.query(sql);
    await client.query(`INSERT INTO ${notes} (name, run_on) VALUES ($1, now())`, [name]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw new EbbError('EBB_RUNTIME', `migration ${name} failed: ${messageOf(error)}`, { cause: error });
  }
}
