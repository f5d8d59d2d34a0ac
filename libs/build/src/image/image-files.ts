import { chmod, lutimes, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { makeCodeCache } from '../code-cache.ts';
import { compile } from '../compile.ts';
import { BuildError } from '../errors.ts';
import { CACHE_FILE } from '../loader.ts';
import { planBuild } from '../options.ts';
import { builtService, hashOf, writeOutput, type BuiltService } from '../output.ts';
import { stampPath } from '../stamp.ts';
import { packagesOutside } from './packages-outside.ts';
import { sbomOf } from './sbom.ts';

export interface ImageOptions {
  /** The workspace, absolute. */
  readonly root: string;
  /** The service's folder, relative to the workspace. */
  readonly app: string;
  /** A folder of its own; its `app` becomes the image's `/app`. */
  readonly outdir: string;
}

const ABOUT_FILE = 'service.json';
const SBOM_FILE = 'sbom.json';

/**
 * Writes what a service's image holds below `/app`, but for the code cache, which only the image's own Node can make: it may be for
 * another processor than this one.
 * @throws BuildError
 */
export async function bundleForImage({ root, app: folder, outdir }: ImageOptions): Promise<void> {
  const app = join(outdir, 'app');
  const plan = planBuild({ root, app: folder, outdir: app });
  const bundle = await compile(plan);
  const missing = packagesOutside(bundle.metafile);
  if (missing.length > 0) {
    throw new BuildError(plan.name, [{ text: `the bundle needs what no image has: ${missing.join(', ')}` }]);
  }
  const { name, hash, migrations } = await writeOutput(plan, bundle, await hashOf(plan, bundle), app);
  // These are of use where the sources are: what was built from which state of them, and where what is in the bundle stands.
  await rm(stampPath(app));
  await rm(join(app, 'bundle.cjs.map'));
  const { version, metafile } = bundle;
  await writeFile(join(app, SBOM_FILE), sbomOf({ root, metafile, name, version, nodeVersion: process.versions.node }));
  await writeFile(join(outdir, ABOUT_FILE), JSON.stringify({ name, hash, hasMigrations: migrations !== undefined }));
}

/**
 * Completes what `bundleForImage` wrote: the code cache, made and checked by this process's Node, and the same owner's rights and times
 * whenever it is done.
 * @param epochSeconds the time that all files get (SOURCE_DATE_EPOCH)
 * @throws EbbError EBB_BUILD when V8 does not take the cache
 */
export async function finishForImage(outdir: string, epochSeconds: number): Promise<void> {
  const about = JSON.parse(await readFile(join(outdir, ABOUT_FILE), 'utf8')) as About;
  const app = join(outdir, 'app');
  const built = builtService(about.name, app, about.hash, about.hasMigrations);
  await settleCodeCache(built);
  await settle(app, epochSeconds);
}

interface About {
  readonly name: string;
  readonly hash: string;
  readonly hasMigrations: boolean;
}

const AGREEING = 4;
const MAX_MADE = 16;

/**
 * What V8 has compiled after one event depends a little on which of two things was quicker. The cache that comes up most is the one
 * to keep: any of them serves, but another build should give the same one.
 */
async function settleCodeCache(built: BuiltService): Promise<void> {
  const path = join(built.directory, CACHE_FILE);
  const made = new Map<string, number>();
  for (let count = 0; count < MAX_MADE; count += 1) {
    await rm(path, { force: true });
    await makeCodeCache(built);
    const cache = await readFile(path, 'latin1').catch(() => undefined);
    // A worker has none.
    if (cache === undefined) return;
    const times = (made.get(cache) ?? 0) + 1;
    if (times === AGREEING) return;
    made.set(cache, times);
  }
}

/** Readable by whoever the image runs as, changeable by nobody. */
async function settle(path: string, epochSeconds: number): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) await settle(child, epochSeconds);
    else {
      await chmod(child, 0o444);
      await lutimes(child, epochSeconds, epochSeconds);
    }
  }
  await chmod(path, 0o755);
  await lutimes(path, epochSeconds, epochSeconds);
}
