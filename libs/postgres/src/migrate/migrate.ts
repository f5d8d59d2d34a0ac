import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { EbbError, messageOf } from '@ebb/core';
import type { Client } from 'pg';
import { withConnection, withLock } from './connect.ts';
import { PLATFORM_MIGRATIONS } from './platform-migrations.ts';

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
  const wanted = { platform: PLATFORM_MIGRATIONS.map(({ name }) => name), service: await sqlFiles(directory) };
  return withConnection(url, 'ebb-migrate', async (client) => {
    if (isSubset(wanted, await namesRun(client, schema))) return [];
    return withLock(client, `ebb-migrate\n${schema}`, async () => {
      await createSchema(client, schema);
      const ran = await runPlatform(client, schema);
      if (directory === undefined) return ran;
      return [...ran, ...(await runDirectory(client, { schema, table: SERVICE_TABLE, directory }))];
    });
  });
}

interface Names {
  readonly platform: readonly string[];
  readonly service: readonly string[];
}

async function sqlFiles(directory: string | undefined): Promise<readonly string[]> {
  if (directory === undefined) return [];
  const files = await readdir(directory).catch((error: unknown) => {
    throw new EbbError('EBB_RUNTIME', `cannot read the migrations: ${messageOf(error)}`, { cause: error });
  });
  return files.filter((file) => extname(file) === '.sql').map((file) => basename(file, '.sql'));
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

/** The runner reads files, so the texts become files for the moment. */
async function runPlatform(client: Client, schema: string): Promise<readonly string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'ebb-migrations-'));
  try {
    await Promise.all(PLATFORM_MIGRATIONS.map(({ name, sql }) => writeFile(join(directory, `${name}.sql`), sql)));
    return await runDirectory(client, { schema, table: PLATFORM_TABLE, directory });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function runDirectory(
  client: Client,
  { schema, table, directory }: { schema: string; table: string; directory: string },
): Promise<readonly string[]> {
  // Loaded only when there is something to run: it costs more than the check.
  const { runner } = await import('node-pg-migrate');
  let running: string | undefined;
  const say = (line: string): void => {
    running = /^### MIGRATION (.+) \(UP\)/.exec(line)?.[1] ?? running;
  };
  try {
    const ran = await runner({
      dbClient: client,
      dir: directory,
      direction: 'up',
      schema,
      migrationsTable: table,
      ignorePattern: '(?!.*\\.sql$).*',
      // Held by the caller, which waits where the runner would fail.
      noLock: true,
      singleTransaction: false,
      logger: { info: say, warn: say, error: say, debug: say },
    });
    return ran.map(({ name }) => name);
  } catch (error) {
    throw new EbbError('EBB_RUNTIME', `migration ${running ?? `in ${directory}`} failed: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
