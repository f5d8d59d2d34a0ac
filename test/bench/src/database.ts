import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@ebb/embedded-postgres';
import { migrate } from '@ebb/postgres/migrate';
import pg from 'pg';
import { BareStatement } from './bare-statement.ts';
import { processorMsOfFamily } from './processor-time.ts';
import { WORKSPACE } from './workspace.ts';

export interface BenchDatabase {
  readonly url: string;
  /** Rows, and how many events they are of, that a service has written: its own, or the events that it emitted. */
  effects(service: keyof typeof EFFECTS): Promise<{ rows: number; events: number }>;
  /** Its server's processor time so far, where the system tells. */
  processorMs(): number | undefined;
  stop(): Promise<void>;
}

/** Where the effects of a service are: table, and column of the event's id. */
const EFFECTS = { stored: ['stored.effects', 'event_id'], emitting: ['emitting.outbox', 'cause_id'] } as const;

/** A PostgreSQL of its own that keeps its promises: fsync is on. */
export async function openDatabase(): Promise<BenchDatabase> {
  const directory = mkdtempSync(join(tmpdir(), 'ebb-bench-'));
  // As root, PostgreSQL runs as another user, who must be able to come here.
  chmodSync(directory, 0o711);
  const postgres = await startPostgres({ directory });
  const url = postgres.url.reveal();
  const directoryOfMigrations = join(WORKSPACE, 'test/bench/services/stored/migrations');
  await migrate({ url, schema: 'stored', directory: directoryOfMigrations });
  await migrate({ url, schema: 'emitting' });
  await migrate({ url, schema: BareStatement.SCHEMA });
  await query(url, 'create schema bare; create table bare.effects (like stored.effects)');
  return {
    url,
    effects: async (service) => {
      const [table, column] = EFFECTS[service];
      const [counts] = await query<{ rows: number; events: number }>(
        url,
        `select count(*)::int as rows, count(distinct ${column})::int as events from ${table}`,
      );
      return counts ?? { rows: 0, events: 0 };
    },
    processorMs: () => processorMsOfFamily(postgres.pid),
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
