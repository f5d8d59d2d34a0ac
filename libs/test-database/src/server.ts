import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, setting } from '@ebb/core';
import { startPostgres } from '@ebb/embedded-postgres';
import pg from 'pg';
import { watchOver } from './watchdog.ts';

const SETTINGS = {
  EBB_TEST_DATABASE_URL: setting.optional(
    setting.secret({
      description: 'a PostgreSQL that tests may make databases in; without it they start one of their own',
    }),
  ),
};

let server: Promise<string> | undefined;

/**
 * The superuser's URL of the PostgreSQL that the tests of this process share. It is started when the first test asks,
 * without fsync, and ended when the process does, however it does.
 */
export function testServer(): Promise<string> {
  server ??= findServer();
  return server;
}

async function findServer(): Promise<string> {
  const given = loadConfig(SETTINGS, process.env).EBB_TEST_DATABASE_URL;
  if (given) return given.reveal();
  const directory = join(tmpdir(), `ebb-test-postgres-${process.pid}`);
  return (await runningIn(directory)) ?? (await startIn(directory));
}

/** Jest loads this module anew for each test file of a worker; the server of the file before is still there. */
async function runningIn(directory: string): Promise<string | undefined> {
  const urlFile = join(directory, 'url');
  if (!existsSync(urlFile)) return undefined;
  const url = readFileSync(urlFile, 'utf8');
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    await client.end();
    return url;
  } catch {
    return undefined;
  }
}

async function startIn(directory: string): Promise<string> {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  // As root, PostgreSQL runs as another user, who must be able to come here.
  chmodSync(directory, 0o711);
  const postgres = await startPostgres({ directory, durable: false });
  watchOver(postgres.pid, directory);
  postgres.leave();
  const url = postgres.url.reveal();
  writeFileSync(join(directory, 'url'), url, { mode: 0o600 });
  return url;
}
