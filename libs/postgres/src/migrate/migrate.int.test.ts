import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { dropRoles, testDatabase, type TestDatabase } from '@ebb/test-database';
import { withConnection } from './connect.ts';
import { migrate, PLATFORM_MIGRATIONS, provision } from './index.ts';
import { isVerifierOf, scramVerifier } from './scram.ts';

const PLATFORM = PLATFORM_MIGRATIONS.map(({ name }) => name);

describe('migrations', () => {
  let database: TestDatabase;
  let directory: string;

  beforeEach(async () => {
    database = await testDatabase();
    directory = await mkdtemp(join(tmpdir(), 'my migrations '));
    await writeFile(join(directory, '0001_things.sql'), '-- Up Migration\ncreate table thing (id int primary key);');
    await writeFile(join(directory, 'README.md'), 'not a migration');
  });
  afterEach(async () => {
    await database.drop();
    await rm(directory, { recursive: true });
  });

  const asAdmin = <Row extends object>(text: string): Promise<Row[]> =>
    withConnection(
      database.url,
      'test',
      async (client) => (await client.query<Row & Record<string, unknown>>(text)).rows,
    );

  it("makes the platform's tables, then the service's own, once", async () => {
    const options = { url: database.url, schema: 'my-shop', directory };
    expect(await migrate(options)).toEqual([...PLATFORM, '0001_things']);
    expect(await migrate(options)).toEqual([]);
    await writeFile(join(directory, '0002_more.sql'), 'alter table thing add column name text;');
    expect(await migrate(options)).toEqual(['0002_more']);
    expect(await asAdmin('select id, name from "my-shop".thing')).toEqual([]);
  });

  it('may be run by several processes at once', async () => {
    const options = { url: database.url, schema: 'shop', directory };
    const ran = await Promise.all([migrate(options), migrate(options), migrate(options)]);
    expect(ran.flat().sort()).toEqual([...PLATFORM, '0001_things'].sort());
  });

  it('names the file that fails, and leaves nothing of it', async () => {
    await writeFile(join(directory, '0002_broken.sql'), 'create table half (id int); create tabel oops;');
    const options = { url: database.url, schema: 'shop', directory };
    await expect(migrate(options)).rejects.toMatchObject({
      code: 'EBB_RUNTIME',
      message: expect.stringMatching(/0002_broken.*tabel/),
    });
    await writeFile(join(directory, '0002_broken.sql'), 'create table half (id int);');
    expect(await migrate(options)).toEqual(['0002_broken']);
  });

  it('refuses a file that would have run before one which ran, and knows what only a newer version has', async () => {
    const options = { url: database.url, schema: 'shop', directory };
    await writeFile(join(directory, '0003_newer.sql'), 'create table newer ();');
    await migrate(options);
    await rm(join(directory, '0003_newer.sql'));
    expect(await migrate(options)).toEqual([]);
    await writeFile(join(directory, '0000_late.sql'), 'create table late ();');
    await expect(migrate(options)).rejects.toThrow('migration 0000_late comes before 0001_things, which ran already');
  });

  it('says which folder is missing', async () => {
    await expect(migrate({ url: database.url, schema: 'shop', directory: '/nowhere' })).rejects.toThrow('/nowhere');
  });
});

describe('provisioning', () => {
  let database: TestDatabase;
  const made: string[] = [];
  // Roles belong to the server, which other tests share.
  const name = (what: string): string => {
    const role = `${what}_${process.pid}_${made.length}`;
    made.push(role);
    return role;
  };

  beforeEach(async () => {
    database = await testDatabase();
  });
  afterEach(async () => {
    await withConnection(database.url, 'test', async (client) => {
      await dropRoles((text) => client.query(text), ...made);
    });
    made.length = 0;
    await database.drop();
  });

  const asRole = <Row extends object>(role: string, text: string): Promise<Row[]> => {
    const url = new URL(database.url);
    url.username = role;
    url.password = 'geheim';
    return withConnection(url.href, 'test', async (client) => {
      const { rows } = await client.query<Row & Record<string, unknown>>(text);
      return rows;
    });
  };
  const urlOf = (role: string): string => {
    const url = new URL(database.url);
    url.username = role;
    url.password = 'geheim';
    return url.href;
  };

  it('gives each service a schema that no other can read, and the relay its outbox', async () => {
    const [shop, stock, relay] = [name('shop'), name('stock'), name('relay')];
    await withConnection(database.url, 'test', (client) =>
      client.query(`create role ${relay} login password 'geheim'`),
    );
    for (const role of [shop, stock]) {
      const options = { adminUrl: database.url, role, schema: role, password: 'geheim', relayRole: relay };
      await Promise.all([provision(options), provision(options)]);
      await migrate({ url: urlOf(role), schema: role });
      await provision(options);
    }
    await asRole(shop, `insert into ${shop}.outbox (shard, topic, event) values (0, 't', '{}')`);
    await expect(asRole(stock, `select * from ${shop}.outbox`)).rejects.toThrow('permission denied');
    await expect(asRole(stock, `select * from ${shop}.inbox`)).rejects.toThrow('permission denied');
    await expect(asRole(stock, `create table ${shop}.mine (id int)`)).rejects.toThrow('permission denied');
    await expect(asRole(stock, 'create schema mine')).rejects.toThrow('permission denied');
    await asRole(relay, `update ${shop}.outbox set published_at = now() where published_at is null`);
    expect(await asRole(relay, `select id from ${shop}.outbox where published_at is not null`)).toHaveLength(1);
    await asRole(relay, `delete from ${shop}.inbox where expires_at < now()`);
    await asRole(relay, `insert into ${shop}.outbox (shard, topic, event) values (0, 't', '{}')`);
    await expect(asRole(relay, `update ${shop}.parked set event = '{}'`)).rejects.toThrow('permission denied');
    await asRole(relay, `update ${shop}.inbox set attempt = 0`);
    await expect(asRole(relay, `update ${shop}.inbox set source = ''`)).rejects.toThrow('permission denied');
    await expect(asRole(relay, `create table ${shop}.mine (id int)`)).rejects.toThrow('permission denied');
  });

  it('is done while the same schema is migrated, and while others of the server are at it', async () => {
    const other = await testDatabase();
    try {
      const ready = async (adminUrl: string, role: string, relayRole: string): Promise<void> => {
        await provision({ adminUrl, role, schema: role, password: 'geheim', relayRole });
        await migrate({ url: adminUrl, schema: role });
      };
      for (let round = 0; round < 4; round += 1) {
        const [one, two, relay] = [name('one'), name('two'), name('relay')];
        await Promise.all([
          ready(database.url, one, relay),
          ready(database.url, one, relay),
          ready(other.url, two, `${relay}_of_two`),
        ]);
        await withConnection(other.url, 'test', (client) =>
          dropRoles((text) => client.query(text), two, `${relay}_of_two`),
        );
      }
    } finally {
      await other.drop();
    }
  });

  it('makes a relay that is missing, which cannot log in before it has a password', async () => {
    const [shop, relay] = [name('shop'), name('relay')];
    const options = { adminUrl: database.url, role: shop, schema: shop, password: 'geheim', relayRole: relay };
    await Promise.all([provision(options), provision(options)]);
    await migrate({ url: urlOf(shop), schema: shop });
    const [row] = await withConnection(database.url, 'test', async (client) => {
      const { rows } = await client.query<{ login: boolean; update: boolean }>(
        `select rolcanlogin as login, has_column_privilege(oid, '${shop}.outbox', 'published_at', 'UPDATE') as update
         from pg_roles where rolname = '${relay}'`,
      );
      return rows;
    });
    expect(row).toEqual({ login: false, update: true });
  });

  it('lets a relay in that came later', async () => {
    const [shop, relay] = [name('shop'), name('relay')];
    const options = { adminUrl: database.url, role: shop, schema: shop, password: 'geheim' };
    await provision(options);
    await migrate({ url: urlOf(shop), schema: shop });
    await withConnection(database.url, 'test', (client) =>
      client.query(`create role ${relay} login password 'geheim'`),
    );
    await provision({ ...options, relayRole: relay });
    expect(await asRole(relay, `select * from ${shop}.outbox`)).toEqual([]);
  });

  it('does for an administrator who is no superuser', async () => {
    const [admin, shop] = [name('admin'), name('shop')];
    await withConnection(database.url, 'test', async (client) => {
      await client.query(`create role ${admin} login createrole password 'geheim'`);
      const { rows } = await client.query<{ name: string }>('select current_database() as name');
      await client.query(`grant create on database ${client.escapeIdentifier(rows[0]!.name)} to ${admin}`);
    });
    const options = { adminUrl: urlOf(admin), role: shop, schema: shop, password: 'geheim' };
    await provision(options);
    await provision(options);
    expect(await migrate({ url: urlOf(shop), schema: shop })).toEqual(PLATFORM);
    // What the administrator made and was granted has to go first.
    await withConnection(database.url, 'test', (client) => dropRoles((text) => client.query(text), shop));
    made.pop();
  });

  it('sets a new password', async () => {
    const shop = name('shop');
    const options = { adminUrl: database.url, role: shop, schema: shop };
    await provision({ ...options, password: 'another' });
    await provision({ ...options, password: 'geheim' });
    const [row] = await withConnection(
      database.url,
      'test',
      async (client) =>
        (await client.query<{ rolpassword: string }>(`select rolpassword from pg_authid where rolname = '${shop}'`))
          .rows,
    );
    expect(isVerifierOf(row!.rolpassword, 'geheim')).toBe(true);
  });
});

describe('a password verifier', () => {
  it('belongs to its password only', () => {
    const verifier = scramVerifier('geheim');
    expect([isVerifierOf(verifier, 'geheim'), isVerifierOf(verifier, 'other'), isVerifierOf('', 'geheim')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
