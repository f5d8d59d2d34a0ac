import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseCatalogueEntry } from '@ebb/catalogue';
import { dropRoles, testDatabase, type TestDatabase } from '@ebb/test-database';
import { makeBaseImages, type BaseImages } from './base-images.fixture.ts';
import { buildImages } from './build-image.fixture.ts';
import { Container, runOnce } from './container.fixture.ts';
import { startEngine, type Engine } from './engine.fixture.ts';
import { filesOf } from './image-files.fixture.ts';

/** It takes a minute, an engine and a registry of packages: `npm run test:image`, or where EBB_DOCKER_REQUIRED=1 says so. */
const describeWithDocker = process.env.EBB_DOCKER_REQUIRED === '1' ? describe : describe.skip;
const BUILD_TIMEOUT_MS = 900_000;
const INVENTORY = 'ebb-test/inventory:0.1.0';
const RELAY = 'ebb-test/relay:0.1.0';
/** Beside Node and what it stands on. */
const MAX_OWN_MB = 8;

describeWithDocker('the images', () => {
  let engine: Engine;
  let images: BaseImages;
  let database: TestDatabase;
  const role = `inventory_${process.pid}`;
  const env = () => {
    const own = new URL(database.url);
    [own.username, own.password] = [role, 'geheim'];
    return { DATABASE_URL: own.href, DATABASE_ADMIN_URL: database.url, DATABASE_RELAY_ROLE: `${role}_relay` };
  };

  const cleanUps: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    engine = await startEngine();
    cleanUps.push(() => engine.stop());
    images = await makeBaseImages(engine);
    process.stderr.write(await buildImages(engine, ['inventory', 'relay'], images));
    database = await testDatabase();
    cleanUps.push(() => database.drop());
  }, BUILD_TIMEOUT_MS);
  afterAll(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  }, BUILD_TIMEOUT_MS);

  const inspect = async (image: string, format: string): Promise<unknown> =>
    JSON.parse(await engine.docker(['image', 'inspect', '--format', `{{json ${format}}}`, image]));

  it('say what they are', async () => {
    for (const [image, name] of [
      [INVENTORY, 'inventory'],
      [RELAY, 'relay'],
    ] as const) {
      const { code, output } = await runOnce(engine, image, ['--describe']);
      expect(code).toBe(0);
      expect(parseCatalogueEntry(JSON.parse(output))).toMatchObject({ name });
    }
    expect(await inspect(INVENTORY, '.Config.Labels')).toMatchObject({
      'org.opencontainers.image.title': 'inventory',
      'org.opencontainers.image.version': '0.1.0',
      'org.opencontainers.image.base.name': images.base,
    });
  });

  it('belong to nobody: no root, no shell, nothing to write to', async () => {
    expect(await inspect(INVENTORY, '.Config.User')).toBe('65532:65532');
    const shell = await engine.tried(['run', '--rm', '--network', 'none', '--entrypoint', '/bin/sh', INVENTORY]);
    expect(shell).toMatchObject({ errors: expect.stringContaining('no such file') });
    const listing = await filesOf(engine, INVENTORY);
    expect(listing.length).toBeGreaterThan(4);
    for (const { rights } of listing) expect(rights).toMatch(/^(-r--r--r--|drwxr-xr-x) 0\/0$/);
  });

  it('share Node, and have little of their own', async () => {
    const layers = async (image: string) => (await inspect(image, '.RootFS.Layers')) as string[];
    const [inventory, relay] = [await layers(INVENTORY), await layers(RELAY)];
    expect(inventory).toHaveLength(3);
    expect(relay.slice(0, -1)).toEqual(inventory.slice(0, -1));
    const bytes = (await filesOf(engine, INVENTORY)).reduce((sum, file) => sum + file.bytes, 0);
    expect(bytes / 1_000_000).toBeLessThan(MAX_OWN_MB);
  });

  it('bring a code cache that their own Node takes', async () => {
    const { output } = await runOnce(engine, INVENTORY, [], { EBB_CHECK_CODE_CACHE: '1' });
    expect(output).toBe('accepted\n');
  });

  it('make the database ready, take an event and stop when they are told to', async () => {
    cleanUps.push(() => dropRoles((text) => database.outside.query(text), role, `${role}_relay`));
    expect(await runOnce(engine, INVENTORY, ['--migrate'], env())).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^inventory: schema "inventory": ran 0001_\S+.*0002_catalogue\n$/),
    });
    const again = await Promise.all([1, 2].map(() => runOnce(engine, INVENTORY, ['--migrate'], env())));
    for (const { output } of again) expect(output).toBe('inventory: schema "inventory" is up to date\n');
    const relay = { ...env(), DATABASE_URL: env().DATABASE_URL.replace(role, `${role}_relay`) };
    expect(await runOnce(engine, RELAY, ['--migrate'], relay)).toMatchObject({ code: 0 });

    const described = await runOnce(engine, INVENTORY, ['--describe']);
    const { functions, events } = parseCatalogueEntry(JSON.parse(described.output));
    const placed = events.find(({ type }) => type === functions[0]?.on[0])!;
    const container = await Container.start(engine, INVENTORY, { DATABASE_URL: env().DATABASE_URL });
    const answer = await fetch(`http://127.0.0.1:${container.port}${functions[0]!.path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...{ 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/test', 'ce-type': placed.type },
      },
      body: JSON.stringify(placed.example),
    });
    expect(answer.status).toBe(204);
    const { rows } = await database.outside.query('select event from inventory.outbox');
    expect(rows).toHaveLength(1);
    // What routes are written with is loaded only now.
    const route = await fetch(`http://127.0.0.1:${container.port}/stock/MUG-BLUE`);
    expect(await route.json()).toMatchObject({ sku: 'MUG-BLUE' });
    expect(await container.stop()).toBe(0);
  });

  it(
    'come out the same when they are built again',
    async () => {
      const before = await filesOf(engine, INVENTORY);
      await engine.docker(['builder', 'prune', '--all', '--force', '--filter', 'type=regular']);
      await buildImages(engine, ['inventory'], images);
      expect(await filesOf(engine, INVENTORY)).toEqual(before);
    },
    BUILD_TIMEOUT_MS,
  );
});
