import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const STAMP = 'build.json';
/** Stands in a kept stamp for the folder of the copy that it was made in. */
const ROOT = '<root>';

/**
 * Gives a copy of a workspace the builds of an earlier one: most copies are alike, and to build all services takes longer than most tests. A stamp
 * says what each build was made from, so one that does not fit is made anew.
 */
export function restoreBuilds(origin: string, root: string): void {
  const kept = keptIn(origin);
  if (!existsSync(kept)) return;
  for (const service of readdirSync(kept)) {
    const target = join(buildsOf(root), service);
    try {
      cpSync(join(kept, service), target, { recursive: true });
      rewrite(join(target, STAMP), ROOT, root);
    } catch {
      // Another process is just keeping a newer one.
      rmSync(target, { recursive: true, force: true });
    }
  }
}

/** Keeps the builds of a copy for those that come after it. */
export function keepBuilds(origin: string, root: string): void {
  const builds = buildsOf(root);
  mkdirSync(keptIn(origin), { recursive: true });
  for (const service of readdirSync(builds)) {
    const kept = join(keptIn(origin), service);
    const stamp = readStamp(join(builds, service)).replaceAll(root, ROOT);
    if (stamp === '' || stamp === readStamp(kept)) continue;
    const fresh = mkdtempSync(join(origin, 'tmp/build-'));
    try {
      cpSync(join(builds, service), fresh, { recursive: true });
      rewrite(join(fresh, STAMP), root, ROOT);
      rmSync(kept, { recursive: true, force: true });
      renameSync(fresh, kept);
    } catch {
      // Another process keeps its own, which is as good.
      rmSync(fresh, { recursive: true, force: true });
    }
  }
}

const buildsOf = (root: string): string => join(root, '.ebb/build');
const keptIn = (origin: string): string => join(origin, 'tmp/kept-builds');

function rewrite(file: string, from: string, to: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(from, to));
}

function readStamp(directory: string): string {
  const file = join(directory, STAMP);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
