import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { identify } from '@ebb/core';
import type { EmbeddedPostgres } from './embedded-postgres.ts';
import { mayRun } from './account.ts';
import { place, removeData } from './placement.ts';
import { startPostgres, type PostgresOptions } from './start.ts';

const NO_PROCESS = { pid: 2_147_483_646, startedAt: '1' };

let root = '';
let directory = '';
const running = new Set<EmbeddedPostgres>();

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'ebb postgres ')));
  // As root, PostgreSQL runs as somebody else, who must be able to come here.
  chmodSync(root, 0o711);
  directory = join(root, 'my workspace/.ebb/postgres');
});

afterEach(async () => {
  await Promise.all([...running].map((server) => server.stop()));
  running.clear();
  removeData(directory);
  rmSync(root, { recursive: true, force: true });
});

async function start(options: Partial<PostgresOptions> = {}): Promise<EmbeddedPostgres> {
  const server = await startPostgres({ directory, ...options });
  running.add(server);
  return server;
}

async function query(server: EmbeddedPostgres, sql: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: server.url.reveal() });
  // A server that is killed says so to its connections.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function eventually<T>(check: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + 15_000; ;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

describe('the embedded PostgreSQL', () => {
  it('keeps its data and its port from one start to the next, below a path with spaces', async () => {
    const first = await start();
    await query(first, 'create table things (name text)');
    await query(first, "insert into things values ('kept')");
    await first.stop();
    await first.stop();
    const second = await start();
    expect(second.port).toBe(first.port);
    expect(await query(second, 'select name from things')).toEqual([{ name: 'kept' }]);
  });

  it('is durable, speaks UTF-8, sorts by code point, and listens on the loopback address alone', async () => {
    const [settings] = await query(
      await start(),
      `select current_setting('fsync') as fsync, current_setting('full_page_writes') as pages,
        current_setting('server_encoding') as encoding, current_setting('listen_addresses') as listen,
        current_setting('unix_socket_directories') as sockets, 'B' < 'a' as sorted, lower('Ä') as lower`,
    );
    expect(settings).toEqual({
      fsync: 'on',
      pages: 'on',
      encoding: 'UTF8',
      listen: '127.0.0.1',
      sockets: '',
      sorted: true,
      lower: 'ä',
    });
  });

  it('asks for a password, which only its owner can read and nothing prints', async () => {
    const server = await start();
    const password = readFileSync(join(directory, 'password'), 'utf8');
    expect(statSync(join(directory, 'password')).mode & 0o777).toBe(0o600);
    expect(server.url.reveal()).toContain(password);
    expect(JSON.stringify({ url: server.url })).not.toContain(password);
    const stranger = new pg.Client({ connectionString: server.url.reveal().replace(password, 'guess') });
    await expect(stranger.connect()).rejects.toThrow(/password authentication failed/);
  });

  it('takes another port when the one of the last start is taken', async () => {
    const first = await start();
    await first.stop();
    const squatter = createServer().listen(first.port, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    const second = await start();
    expect(second.port).not.toBe(first.port);
    expect(await query(second, 'select 1 as one')).toEqual([{ one: 1 }]);
    await new Promise((resolve) => squatter.close(resolve));
  });

  it('comes back on its port with its data when it is killed, and tells', async () => {
    const server = await start();
    await query(server, 'create table things (name text)');
    const { pid, port } = server;
    const crashes: string[] = [];
    server.onCrash(({ reason }) => crashes.push(reason));
    process.kill(pid, 'SIGKILL');
    expect(await eventually(() => query(server, 'select name from things'))).toEqual([]);
    expect(crashes[0]).toBe('SIGKILL');
    expect(server.port).toBe(port);
    expect(server.pid).not.toBe(pid);
  });

  it('is not restarted when it is stopped in the middle of a restart', async () => {
    const server = await start();
    const crashed = new Promise((resolve) => server.onCrash(resolve));
    process.kill(server.pid, 'SIGKILL');
    await crashed;
    await server.stop();
    expect(server.pid).toBe(0);
    await expect(query(server, 'select 1')).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe('what a killed predecessor left', () => {
  it('is stopped when it still runs', async () => {
    const orphan = await start();
    await query(orphan, 'create table things (name text)');
    const { pid } = orphan;
    orphan.leave();
    writeFileSync(join(directory, 'supervisor.json'), JSON.stringify(NO_PROCESS));
    const server = await start();
    expect(identify(pid)).toBeUndefined();
    expect(await query(server, 'select * from things')).toEqual([]);
  });

  it('is left alone when its supervisor lives', async () => {
    const server = await start();
    await expect(startPostgres({ directory })).rejects.toThrow(`in use by process ${process.pid}`);
    expect(await query(server, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('does not keep it from starting with a lock file whose process id a stranger has by now', async () => {
    const first = await start();
    const lock = join(directory, 'data/postmaster.pid');
    const content = readFileSync(lock, 'utf8');
    await first.stop();
    writeFileSync(lock, content.replace(/^\d+/, String(process.pid)));
    expect(await query(await start(), 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('does not pass for data when initdb was killed half-way', async () => {
    mkdirSync(join(directory, 'data.new'), { recursive: true });
    writeFileSync(join(directory, 'data.new/PG_VERSION'), '18');
    expect(await query(await start(), 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(existsSync(join(directory, 'data.new'))).toBe(false);
  });

  it('includes the database when the first start was killed before it was made', async () => {
    const first = await start();
    const admin = new pg.Client({ connectionString: first.url.reveal().replace(/ebb$/, 'postgres') });
    await admin.connect();
    await admin.query('drop database ebb with (force)');
    await admin.end();
    await first.stop();
    expect(await query(await start(), 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('run by root, in a workspace that nobody else may enter', () => {
  it('keeps its data elsewhere, and a link to it in the workspace', async () => {
    chmodSync(root, 0o700);
    const first = await start();
    const data = realpathSync(join(directory, 'data'));
    expect(lstatSync(join(directory, 'data')).isSymbolicLink()).toBe(true);
    expect(data).not.toContain(root);
    await query(first, 'create table things (name text)');
    await first.stop();
    expect(await query(await start(), 'select * from things')).toEqual([]);
  });

  it('starts empty when the workspace was deleted, and leaves nothing when its data is removed', async () => {
    chmodSync(root, 0o700);
    const first = await start();
    const data = realpathSync(join(directory, 'data'));
    await query(first, 'create table things (name text)');
    await first.stop();
    rmSync(directory, { recursive: true });
    const second = await start();
    await expect(query(second, 'select * from things')).rejects.toThrow(/does not exist/);
    await second.stop();
    removeData(directory);
    expect(existsSync(data)).toBe(false);
    expect(existsSync(directory)).toBe(false);
  });

  it('runs as whoever made the data, so that a later sudo does no harm', async () => {
    const first = await start();
    await query(first, 'create table things (name text)');
    await first.stop();
    execFileSync('chown', ['-R', '65534:65534', join(directory, 'data')]);
    const second = await start();
    expect(await query(second, 'select * from things')).toEqual([]);
    expect(statSync(`/proc/${second.pid}`).uid).toBe(65_534);
  });

  it('runs a copy of the binaries when npm put them where nobody else may go', () => {
    const version = `test.${process.pid}`;
    const closed = mkdtempSync(join(tmpdir(), 'ebb-closed-'));
    mkdirSync(join(closed, 'bin'));
    writeFileSync(join(closed, 'bin/postgres'), 'program', { mode: 0o755 });
    const { binaries } = place(directory, { directory: closed, version }, { uid: 65_534, gid: 65_534 });
    expect(binaries.directory).not.toBe(closed);
    expect(readFileSync(join(binaries.directory, 'bin/postgres'), 'utf8')).toBe('program');
    expect(mayRun({ uid: 65_534, gid: 65_534 }, join(binaries.directory, 'bin/postgres'))).toBe(true);
    rmSync(binaries.directory, { recursive: true });
    rmSync(closed, { recursive: true });
  });
});
