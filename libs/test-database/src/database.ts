import { randomUUID } from 'node:crypto';
import { EbbError, systemClock } from '@ebb/core';
import pg from 'pg';
import { testServer } from './server.ts';
import { templateOf, type Template } from './template.ts';

export interface TestDatabase {
  /** The superuser's URL of a database that is fresh. */
  readonly url: string;
  /** The superuser's connections, to look into it from outside; closed by `drop`. */
  readonly outside: pg.Pool;
  /**
   * Removes the database.
   * @throws EbbError EBB_RUNTIME listing the connections that the test left open
   */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** What is in it from the start. Without one it is empty. */
  readonly template?: Template;
}

const LEAK_DEADLINE_MS = 2_000;
const POLL_MS = 20;
const MAX_OUTSIDE = 4;

/** A fresh database of the caller's own. Call `drop` when done: it fails the test that forgot to close a connection. */
export async function testDatabase({ template }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const server = await testServer();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  await asAdmin(server, async (admin) => {
    const from = template ? await templateOf(admin, server, template) : 'template0';
    await admin.query(`create database ${name} template ${from} strategy file_copy`);
  });
  const outside = new pg.Pool({ connectionString: url.href, max: MAX_OUTSIDE, application_name: 'ebb-testing' });
  // The server may be gone before the test is; whoever asks it next hears of that.
  outside.on('error', () => undefined);
  return {
    url: url.href,
    outside,
    drop: async () => {
      await outside.end();
      await asAdmin(server, (admin) => dropDatabase(admin, name));
    },
  };
}

async function dropDatabase(admin: pg.Client, name: string): Promise<void> {
  const open = await connectionsLeft(admin, name);
  await admin.query(`drop database if exists ${name} with (force)`);
  if (open.length > 0) {
    throw new EbbError('EBB_RUNTIME', `the test left ${open.length} connection(s) open:\n${open.join('\n')}`);
  }
}

/** A closed connection's backend takes a moment to go, so only what stays is a leak. */
async function connectionsLeft(admin: pg.Client, name: string): Promise<readonly string[]> {
  const deadline = Date.now() + LEAK_DEADLINE_MS;
  for (;;) {
    const { rows } = await admin.query<{ connection: string }>(
      `select format('  %s (%s): %s', coalesce(nullif(application_name, ''), 'unnamed'), state, query) as connection
       from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
      [name],
    );
    if (rows.length === 0 || Date.now() > deadline) return rows.map(({ connection }) => connection);
    await systemClock.sleep(POLL_MS);
  }
}

async function asAdmin<T>(url: string, run: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: url, application_name: 'ebb-testing' });
  await admin.connect();
  try {
    return await run(admin);
  } finally {
    await admin.end();
  }
}
