import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { findApps } from './apps.ts';
import { buildService } from './build.ts';
import { makeCodeCache } from './code-cache.ts';
import { describeService } from './describe.ts';
import { BuildError } from './errors.ts';
import { Workspace } from './workspace.fixture.ts';

const workspace = new Workspace();
const options = { root: workspace.root, app: 'apps/notes', outdir: 'dist/notes' };

beforeAll(() => workspace.addNotes());
afterAll(() => workspace.remove());

function check(main: string): string {
  return execFileSync(process.execPath, [main], { env: { EBB_CHECK_CODE_CACHE: '1' }, encoding: 'utf8' }).trim();
}

describe('a build', () => {
  it('gives a file to run, its loader and the migrations', async () => {
    const built = await buildService(options);
    expect(built).toMatchObject({ name: 'notes', directory: join(workspace.root, 'dist/notes') });
    expect(readdirSync(built.directory).sort()).toEqual([
      'build.json',
      'bundle.cjs',
      'bundle.cjs.map',
      'migrations',
      'service.cjs',
    ]);
    expect(readdirSync(built.migrations ?? '')).toEqual(['1_notes.sql']);
    expect(readFileSync(join(built.directory, 'bundle.cjs')).every((byte) => byte < 0x80)).toBe(true);
    expect(readdirSync(join(workspace.root, 'dist'))).toEqual(['notes']);
  });

  it('is not made again when nothing changed', async () => {
    const first = await buildService(options);
    const before = statSync(first.main).mtimeMs;
    expect(await buildService(options)).toEqual(first);
    expect(statSync(first.main).mtimeMs).toBe(before);
  });

  it('has another hash when its code or its migrations are others, and the same when they are the same', async () => {
    const { hash } = await buildService(options);
    workspace.addNotes('data.noteId.trim();');
    const changed = await buildService(options);
    expect(changed.hash).not.toBe(hash);
    workspace.write('apps/notes/migrations/2_more.sql', 'select 1;');
    const migrated = await buildService(options);
    expect(new Set([hash, changed.hash, migrated.hash]).size).toBe(3);
    expect(readdirSync(migrated.migrations ?? '')).toHaveLength(2);
    expect((await buildService({ ...options, outdir: 'dist/elsewhere' })).hash).toBe(migrated.hash);
  });

  it('is described by itself, without settings', async () => {
    const { main } = await buildService(options);
    expect(await describeService(main)).toMatchObject({
      name: 'notes',
      version: expect.stringMatching(/^0\.4\.0\+[0-9a-f]{14}$/),
      functions: [{ name: 'take', effect: 'transactional' }],
      database: { schema: 'notes', migrations: true },
      settings: [{ name: 'KEY', secret: true, required: true }],
    });
  });

  it('brings a code cache that V8 takes, and only for its own code', async () => {
    const built = await buildService({ ...options, codeCache: true });
    expect(check(built.main)).toBe('accepted');
    const cache = readFileSync(join(built.directory, 'bundle.cache'));
    workspace.addNotes('data.noteId.trimEnd();');
    const next = await buildService(options);
    expect(check(next.main)).toBe('absent');
    writeFileSync(join(next.directory, 'bundle.cache'), cache);
    expect(check(next.main)).toBe('absent');
    await makeCodeCache(next);
    expect(check(next.main)).toBe('accepted');
  });

  it('replaces a code cache that is broken', async () => {
    const built = await buildService({ ...options, codeCache: true });
    const file = join(built.directory, 'bundle.cache');
    writeFileSync(file, readFileSync(file).subarray(0, 1_000));
    expect(check(built.main)).toBe('rejected');
    await buildService({ ...options, codeCache: true });
    expect(check(built.main)).toBe('accepted');
  });

  it('survives being run several times at once', async () => {
    workspace.addNotes('data.noteId.trimStart();');
    const [one, ...others] = await Promise.all(Array.from({ length: 5 }, () => buildService(options)));
    expect(others).toEqual(others.map(() => one));
    expect(await describeService(one!.main)).toMatchObject({ name: 'notes' });
    expect(readdirSync(join(workspace.root, 'dist')).sort()).toEqual(['elsewhere', 'notes']);
  });

  it('says where the mistake is, and leaves what was there', async () => {
    const good = await buildService(options);
    workspace.addNotes('const = 7;');
    const failed = buildService(options);
    await expect(failed).rejects.toThrow(BuildError);
    await expect(failed).rejects.toMatchObject({
      code: 'EBB_BUILD',
      problems: [
        { file: 'apps/notes/src/service.ts', line: 17, column: 11, source: expect.stringContaining('const = 7;') },
      ],
    });
    await expect(failed).rejects.toThrow('apps/notes/src/service.ts:17:11');
    expect(await describeService(good.main)).toMatchObject({ name: 'notes' });
    workspace.addNotes();
  });

  it('says what a service says that cannot start', async () => {
    workspace.write('apps/broken/package.json', '{ "name": "broken" }');
    workspace.write('apps/broken/src/main.ts', "throw new Error('no such luck');");
    const { main } = await buildService({ ...options, app: 'apps/broken', outdir: 'dist/broken' });
    await expect(describeService(main)).rejects.toThrow('no such luck');
    await expect(
      makeCodeCache(await buildService({ ...options, app: 'apps/broken', outdir: 'dist/broken' })),
    ).rejects.toThrow();
  });

  it('knows the apps of a workspace', async () => {
    mkdirSync(join(workspace.root, 'apps/empty'));
    expect((await findApps(workspace.root)).map(({ name }) => name)).toEqual(['broken', 'notes']);
    expect(await findApps(join(workspace.root, 'nowhere'))).toEqual([]);
  });
});
