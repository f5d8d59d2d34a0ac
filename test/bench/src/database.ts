import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@ebb/embedded-postgres';
import { migrate } from '@ebb/postgres/migrate';
import pg from 'pg';
import { WORKSPACE } from './workspace.ts';

export interface BenchDatabase {
  readonly url: string;
  /** Rows, and how many events they are of, that a contender has written. */
  effects(schema: 'bare' | 'stored'): Promise<{ rows: number; events: number }>;
  stop(): Promise<void>;
}

/** A PostgreSQL of its own that keeps its promises: fsync is on. */
export async function openDatabase(): Promise<BenchDatabase> {
  const directory = mkdtempSync(join(tmpdir(), 'ebb-bench-'));
  // As root, PostgreSQL runs as another user, who must be able to come here.
  chmodSync(directory, 0o711);
  const postgres = await startPostgres({ directory });
  const url = postgres.url.reveal();
  const directoryOfMigrations = join(WORKSPACE, 'test/bench/services/stored/migrations');
  await migrate({ url, schema: 'stored', directory: directoryOfMigrations });
  await query(url, 'create schema bare; create table bare.effects (like stored.effects)');
  return {
    url,
    effects: async (schema) => {
      const [counts] = await query<{ rows: number; events: number }>(
        url,
        `select count(*)::int as rows, count(distinct event_id)::int as events from ${schema}.effects`,
      );
      return counts ?? { rows: 0, events: 0 };
    },
    stop: async () => {
      await postgres.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The database of a suite that cannot do without. */
export function databaseOf({ database }: { readonly database: BenchDatabase | undefined }): BenchDatabase {
  if (!database) throw new Error('this suite needs a database');
  return database;
}

async function query<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}
