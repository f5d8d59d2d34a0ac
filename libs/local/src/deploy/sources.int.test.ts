import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Deployer } from './deployer.ts';
import { SourceWatch } from './sources.ts';

/** What keeps a process from ending. */
const watchers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'FSEventWrap').length;

describe('the watch of the sources', () => {
  let root: string;

  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'ebb-sources-')));
    writeFileSync(join(root, 'package.json'), '{ "name": "w", "private": true, "workspaces": ["apps/*"] }');
    for (const name of ['one', 'two']) {
      mkdirSync(join(root, 'apps', name, 'src'), { recursive: true });
      writeFileSync(join(root, 'apps', name, 'package.json'), JSON.stringify({ name, type: 'module' }));
      writeFileSync(join(root, 'apps', name, 'src/main.ts'), 'console.log(1);');
    }
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it.each(['at once', 'later'])('leaves nothing that keeps the process alive when it is stopped %s', async (when) => {
    const before = watchers();
    const watch = new SourceWatch({
      root,
      buildFolder: join(root, '.ebb/build'),
      deployer: { hashOf: () => undefined } as unknown as Deployer,
      onProgress: () => undefined,
    });
    const started = watch.start();
    if (when === 'later') {
      await started;
      expect(watchers()).toBeGreaterThan(before);
    }
    await watch.stop();
    await started;
    expect(watchers()).toBe(before);
  });
});
