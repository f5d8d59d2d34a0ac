import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '@ebb/core';

import { BuildError } from './errors.ts';
import type { BuiltService } from './output.ts';
import { watchService } from './watch.ts';
import { Workspace } from './workspace.fixture.ts';

type Result = BuiltService | BuildError;

let workspace: Workspace;
let watch: { stop(): Promise<void> } | undefined;
let results: Result[];

beforeEach(() => {
  workspace = new Workspace();
  workspace.addNotes();
  results = [];
});
afterEach(async () => {
  await watch?.stop();
  workspace.remove();
});

async function begin(): Promise<void> {
  const options = { root: workspace.root, app: 'apps/notes', outdir: '.ebb/notes' };
  watch = await watchService(options, (result) => results.push(result));
}

async function result(nth: number): Promise<Result> {
  const deadline = Date.now() + 15_000;
  while (results.length <= nth && Date.now() < deadline) await systemClock.sleep(10);
  const found = results[nth];
  if (!found) throw new Error(`there is no result ${nth}`);
  return found;
}

const built = (one: Result): BuiltService => {
  if (one instanceof BuildError) throw one;
  return one;
};

describe('watching a service', () => {
  it('builds again when a source is saved, into a directory of its own', async () => {
    await begin();
    const first = built(await result(0));
    workspace.addNotes('data.noteId.trim();');
    const second = built(await result(1));
    expect(second.hash).not.toBe(first.hash);
    expect(second.directory).toBe(join(workspace.root, '.ebb/notes', second.hash));
    expect(existsSync(first.main)).toBe(true);
  });

  it('tells a mistake, and the service again once it is mended', async () => {
    await begin();
    const first = built(await result(0));
    workspace.addNotes('const = 7;');
    expect(await result(1)).toBeInstanceOf(BuildError);
    workspace.addNotes();
    expect(built(await result(2))).toEqual(first);
  });

  it('waits for a service that does not compile yet', async () => {
    workspace.addNotes("(await import('./missing.ts')).take(data);");
    await begin();
    expect(await result(0)).toBeInstanceOf(BuildError);
    workspace.write('apps/notes/src/missing.ts', 'export const take = (note: object): object => note;');
    built(await result(1));
  });

  it('sees a new migration', async () => {
    await begin();
    built(await result(0));
    workspace.write('apps/notes/migrations/2_more.sql', 'select 1;');
    expect(built(await result(1)).migrations).toBeDefined();
  });

  it('keeps quiet about a save without a change, and begins with what stands there', async () => {
    await begin();
    const first = built(await result(0));
    workspace.addNotes();
    workspace.write('apps/notes/src/notes.md', 'nothing that is compiled');
    await systemClock.sleep(300);
    expect(results).toHaveLength(1);
    await watch?.stop();
    results = [];
    const started = performance.now();
    await begin();
    expect(results).toEqual([first]);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
