import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import type { Bundle } from './compile.ts';
import { BUNDLE_FILE, loaderSource, MAIN_FILE } from './loader.ts';
import type { BuildPlan } from './options.ts';
import { contentHash, makeStamp, migrationFiles, stampPath, stampText } from './stamp.ts';

/** A service that is ready to run with `node <main>`. */
export interface BuiltService {
  readonly name: string;
  readonly directory: string;
  /** The file to run with node. */
  readonly main: string;
  /** Of everything that runs: the same hash, the same behaviour. */
  readonly hash: string;
  /** The folder of the service's SQL files, where it has one. */
  readonly migrations?: string;
}

interface Migration {
  readonly name: string;
  readonly content: Buffer;
}

/** The hash of a bundle with its migrations, and what of it is written to a directory. */
export async function hashOf(
  plan: BuildPlan,
  bundle: Bundle,
): Promise<{ hash: string; migrations: readonly Migration[] }> {
  const migrations = await Promise.all(
    migrationFiles(plan).map(async (path) => ({ name: basename(path), content: await readFile(path) })),
  );
  const parts = migrations.flatMap(({ name, content }) => [name, content]);
  return { hash: contentHash([bundle.code, loaderSource(''), ...parts]), migrations };
}

/** Writes a bundle to a directory beside `target`, then puts it in its place: nobody sees half of it. */
export async function writeOutput(
  plan: BuildPlan,
  bundle: Bundle,
  { hash, migrations }: Awaited<ReturnType<typeof hashOf>>,
  target: string,
): Promise<BuiltService> {
  const stamp = stampText(makeStamp(plan, bundle, hash));
  const draft = `${target}.${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(migrations.length > 0 ? join(draft, 'migrations') : draft, { recursive: true });
    await Promise.all([
      writeFile(join(draft, BUNDLE_FILE), bundle.code, 'latin1'),
      writeFile(join(draft, `${BUNDLE_FILE}.map`), bundle.sourceMap),
      writeFile(join(draft, MAIN_FILE), loaderSource(hash)),
      writeFile(stampPath(draft), stamp),
      ...migrations.map(({ name, content }) => writeFile(join(draft, 'migrations', name), content)),
    ]);
    await replaceDirectory(draft, target);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return builtService(plan.name, target, hash, migrations.length > 0);
}

export function builtService(name: string, directory: string, hash: string, hasMigrations: boolean): BuiltService {
  return {
    name,
    directory,
    main: join(directory, MAIN_FILE),
    hash,
    ...(hasMigrations && { migrations: join(directory, 'migrations') }),
  };
}

/** A directory cannot be renamed over one with content, so the old one steps aside first: again, where another build was faster. */
async function replaceDirectory(draft: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const aside: string[] = [];
  while (!(await isRenamed(draft, target))) {
    const old = `${draft}.old-${aside.length}`;
    await rename(target, old).catch((gone: unknown) => {
      if (codeOf(gone) !== 'ENOENT') throw gone;
    });
    aside.push(old);
  }
  await Promise.all(aside.map((old) => rm(old, { recursive: true, force: true })));
}

async function isRenamed(draft: string, target: string): Promise<boolean> {
  try {
    await rename(draft, target);
    return true;
  } catch (error) {
    if (!isOccupied(error)) throw error;
    return false;
  }
}

function isOccupied(error: unknown): boolean {
  return ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(codeOf(error) ?? '');
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
