import { statSync } from 'node:fs';
import { join } from 'node:path';
import { EbbError } from '@ebb/core';
import pg from 'pg';
import { accountForPostgres } from './account.ts';
import { findBinaries } from './binaries.ts';
import { ensureCluster, ensurePassword } from './cluster.ts';
import { DATABASE, Supervisor, type EmbeddedPostgres } from './embedded-postgres.ts';
import { place } from './placement.ts';

export interface PostgresOptions {
  /** Holds the data, the superuser's password and the last port. Made when missing. */
  readonly directory: string;
  /** Default: the one used last if it is free, else a free one. */
  readonly port?: number;
  /** Default true. False turns fsync off: for tests, whose data nobody will miss. */
  readonly durable?: boolean;
  /** What is being done, for people: called only for steps that take a while. */
  readonly onProgress?: (step: string) => void;
  /** Each line of the server's log. */
  readonly onLog?: (line: string) => void;
}

/**
 * Starts a PostgreSQL that listens on the loopback address only, and keeps it running: a crash is followed by a restart.
 * The first start makes the data directory. What a killed predecessor left on the directory is cleared away first.
 * @throws EbbError EBB_RUNTIME when it cannot start, with the server's own words, or is in use by another live process
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const { directory, port, durable = true, onProgress, onLog } = options;
  refuseOthers(directory);
  const placement = place(directory, findBinaries(), accountForPostgres(join(directory, 'data')));
  const password = ensurePassword(directory);
  onProgress?.('Starting PostgreSQL');
  await ensureCluster(placement, password, durable);
  const supervisor = new Supervisor({
    directory,
    placement,
    password,
    port,
    durable,
    onLog: onLog ?? (() => undefined),
  });
  await supervisor.start();
  try {
    await ensureDatabase(supervisor);
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
  return supervisor;
}

/** Asked at every start, not only after initdb: the first start may have been killed in between. */
async function ensureDatabase(supervisor: Supervisor): Promise<void> {
  const client = new pg.Client({ connectionString: supervisor.urlOf('postgres').reveal() });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

/** Said here, because what follows would only say that a permission is missing: an earlier `sudo` is the usual reason. */
function refuseOthers(directory: string): void {
  const user = process.getuid?.() ?? 0;
  const owner = statSync(directory, { throwIfNoEntry: false })?.uid ?? user;
  if (user === 0 || owner === user) return;
  throw new EbbError(
    'EBB_RUNTIME',
    `${directory} belongs to another user (id ${owner}): run as that user, or have that user remove it`,
  );
}
