import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { buildService } from '@ebb/build';
import { dropRoles, testDatabase, type TestDatabase } from '@ebb/test-database';

import { freePort, start, type Child } from '../testing-fixtures/child.fixture.ts';

const root = join(import.meta.dirname, '../../../..');
const outdir = mkdtempSync(join(tmpdir(), 'ebb-migrate-'));
const role = `ledger_${process.pid}`;
const mains: Record<string, string> = {};

beforeAll(async () => {
  for (const name of ['ledger', 'ticker', 'parcels']) {
    const app = join(import.meta.dirname, '../testing-fixtures', name);
    mains[name] = (await buildService({ root, app, outdir: join(outdir, name) })).main;
  }
}, 60_000);
afterAll(() => rmSync(outdir, { recursive: true }));

const started: Child[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.process.kill('SIGKILL');
});

/** Runs a built service with an option until it ends. */
async function run(name: string, env: Record<string, string>, option = '--migrate') {
  const child = await start(mains[name]!, env, [option]);
  started.push(child);
  return { code: await child.exited, output: child.output(), errors: child.errors() };
}

describe('a process that makes its database ready', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await testDatabase();
  });
  afterEach(async () => {
    // Roles belong to the server, which other tests share.
    await dropRoles((text) => database.outside.query(text), role, `${role}_relay`);
    await database.drop();
  });

  const own = (name = role): string => {
    const url = new URL(database.url);
    [url.username, url.password] = [name, 'ge heim'];
    return url.href;
  };
  const env = () => ({
    DATABASE_URL: own(),
    DATABASE_ADMIN_URL: database.url,
    DATABASE_RELAY_ROLE: `${role}_relay`,
  });

  it('gives a service its role, its schema and its tables, once, whoever else does', async () => {
    const ran = await Promise.all([run('ledger', env()), run('ledger', env())]);
    expect(ran.map(({ code, errors }) => ({ code, errors }))).toEqual([
      { code: 0, errors: '' },
      { code: 0, errors: '' },
    ]);
    expect(ran.map(({ output }) => output).join('')).toMatch(/ledger: schema "ledger": ran 0001_\S.*, 0001_entries\n/);
    expect((await run('ledger', env())).output).toBe('ledger: schema "ledger" is up to date\n');
    const { rows } = await database.outside.query('select tableowner from pg_tables where tablename = $1', ['entry']);
    expect(rows).toEqual([{ tableowner: role }]);
  });

  it('makes do with a role and a schema that are there', async () => {
    await database.outside.query(
      `create role ${role} login password 'ge heim'; create schema ledger authorization ${role}`,
    );
    expect(await run('ledger', { DATABASE_URL: own() })).toMatchObject({
      code: 0,
      output: expect.stringContaining('0001_entries'),
    });
  });

  it('lets the worker log in that publishes outboxes', async () => {
    const relay = { DATABASE_URL: own(`${role}_relay`), DATABASE_ADMIN_URL: database.url };
    await run('ledger', env());
    for (let time = 0; time < 2; time += 1) {
      expect(await run('ticker', relay)).toMatchObject({
        code: 0,
        output: `ticker: role "${role}_relay" can log in\n`,
      });
    }
    const { rows } = await database.outside.query('select rolcanlogin from pg_roles where rolname = $1', [
      `${role}_relay`,
    ]);
    expect(rows).toEqual([{ rolcanlogin: true }]);
    expect((await run('ticker', { DATABASE_URL: own() })).code).toBe(0);
  });

  it('says what is wrong, and what option there is none of', async () => {
    expect(await run('ledger', {})).toMatchObject({ code: 78, errors: expect.stringContaining('DATABASE_URL') });
    expect(await run('ledger', { DATABASE_URL: own() })).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/^ledger: /),
    });
    expect(await run('ledger', {}, '--migrat')).toMatchObject({
      code: 64,
      errors: 'ledger: "--migrat" is none of --describe, --migrate\n',
    });
    const nameless = { DATABASE_URL: 'postgres://127.0.0.1/x', DATABASE_ADMIN_URL: database.url };
    expect(await run('ledger', nameless)).toMatchObject({
      code: 78,
      errors: expect.stringContaining('a user and a password'),
    });
    expect(await run('ledger', { DATABASE_URL: 'nowhere' })).toMatchObject({
      code: 78,
      errors: expect.stringContaining('DATABASE_URL is no URL'),
    });
    expect(await run('parcels', {})).toMatchObject({
      code: 0,
      output: 'parcels: there is no database to make ready\n',
    });
  });

  it('waits for a server that is not there yet, not for ever', async () => {
    const away = `postgres://ledger@127.0.0.1:${await freePort()}/ledger`;
    const { code, errors } = await run('ledger', { DATABASE_URL: away, DATABASE_PATIENCE: '3s' });
    expect({ code, errors }).toEqual({
      code: 1,
      errors: expect.stringMatching(/waiting for PostgreSQL.*\n.*ECONNREFUSED/s),
    });
  });
});
