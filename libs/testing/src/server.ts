import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, setting } from '@ebb/core';
import { startPostgres, type EmbeddedPostgres } from '@ebb/local/postgres';
import pg from 'pg';

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
  // eslint-disable-next-line no-restricted-properties -- the kit is what reads a test's environment; it has no main.ts
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
  watchOver(postgres, directory);
  postgres.leave();
  const url = postgres.url.reveal();
  writeFileSync(join(directory, 'url'), url, { mode: 0o600 });
  return url;
}

/**
 * The end of its input says that the tests are over: it comes also when their process was killed and could tell nobody.
 * The lock file tells that the server is gone; its process id may stay for good, as a zombie, in a container without an init.
 */
const WATCHDOG = `cat >/dev/null; kill -QUIT "$0"
tries=0; while [ -e "$1/data/postmaster.pid" ] && [ $tries -lt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
rm -rf "$1"`;

function watchOver({ pid }: EmbeddedPostgres, directory: string): void {
  const watchdog = spawn('/bin/sh', ['-c', WATCHDOG, String(pid), directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watchdog.unref();
  (watchdog.stdin as unknown as { unref(): void }).unref();
}
