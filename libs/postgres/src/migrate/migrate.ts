import type { Client } from 'pg';
import { lockOfSchema, withConnection, withLock } from './connect.ts';
import { PLATFORM_MIGRATIONS } from './platform-migrations.ts';
import { runMigrations } from './run-migrations.ts';
import { readMigrations, type Migration } from './sql-files.ts';

export interface MigrateOptions {
  /** The owner of the schema, or whoever may create it. */
  readonly url: string;
  /** Made when it does not exist. */
  readonly schema: string;
  /** The folder of the service's own SQL files, run after the platform's in the order of their names. */
  readonly directory?: string;
}

/** What was run is noted in tables of the schema, apart for the platform and the service: each has its own numbering. */
const PLATFORM_TABLE = 'platform_migration';
const SERVICE_TABLE = 'service_migration';

/**
 * Brings a schema up to date and returns the names of what was run. Safe to run by several processes at once; when there is nothing to do it
 * costs one connection and one statement.
 * @throws EbbError EBB_RUNTIME naming the file that failed; what ran before it stays
 */
export async function migrate({ url, schema, directory }: MigrateOptions): Promise<readonly string[]> {
  const own = directory === undefined ? [] : await readMigrations(directory);
  return withConnection(url, 'ebb-migrate', async (client) => {
    if (isSubset({ platform: namesOf(PLATFORM_MIGRATIONS), service: namesOf(own) }, await namesRun(client, schema))) {
      return [];
    }
    return withLock(client, lockOfSchema(schema), async () => {
      await createSchema(client, schema);
      const ran = await runMigrations(client, { schema, table: PLATFORM_TABLE, migrations: PLATFORM_MIGRATIONS });
      if (own.length === 0) return ran;
      return [...ran, ...(await runMigrations(client, { schema, table: SERVICE_TABLE, migrations: own }))];
    });
  });
}

const namesOf = (migrations: readonly Migration[]): readonly string[] => migrations.map(({ name }) => name);

interface Names {
  readonly platform: readonly string[];
  readonly service: readonly string[];
}

/** Names run so far. A statement cannot name a table that is not there yet, so that is asked first. */
async function namesRun(client: Client, schema: string): Promise<Names> {
  const { rows } = await client.query<{ table: string; exists: boolean }>(
    `SELECT t AS table, to_regclass(format('%I.%I', $1::text, t)) IS NOT NULL AS exists FROM unnest($2::text[]) t`,
    [schema, [PLATFORM_TABLE, SERVICE_TABLE]],
  );
  const present = new Set(rows.filter(({ exists }) => exists).map(({ table }) => table));
  const namesIn = async (table: string) => {
    if (!present.has(table)) return [];
    const from = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(table)}`;
    return (await client.query<{ name: string }>(`SELECT name FROM ${from}`)).rows.map(({ name }) => name);
  };
  return { platform: await namesIn(PLATFORM_TABLE), service: await namesIn(SERVICE_TABLE) };
}

function isSubset(wanted: Names, run: Names): boolean {
  const has = (all: readonly string[], some: readonly string[]) => some.every((name) => all.includes(name));
  return has(run.platform, wanted.platform) && has(run.service, wanted.service);
}

/** CREATE SCHEMA asks for the right to create even with IF NOT EXISTS, which a service's own role does not have. */
async function createSchema(client: Client, schema: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
  if (rowCount === 0) await client.query(`CREATE SCHEMA ${client.escapeIdentifier(schema)}`);
}
