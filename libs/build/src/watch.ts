import { copyFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { messageOf } from '@ebb/core';
import type { BuildContext } from 'esbuild';

import { makeCodeCache } from './code-cache.ts';
import { buildErrorOf, bundleOf, compilerOptions, type Bundle } from './compile.ts';
import { DirectoryWatcher } from './directory-watcher.ts';
import { BuildError } from './errors.ts';
import { planBuild, type BuildOptions, type BuildPlan } from './options.ts';
import { builtService, hashOf, writeOutput, type BuiltService } from './output.ts';
import { freshStamp, stampPath, type Stamp } from './stamp.ts';

/** Editors write a file in several steps, and tools write several files. */
const DEBOUNCE_MS = 40;
/** Old revisions may be running, or started again, until the new one is ready. */
const KEPT_BUILDS = 5;

type Compiler = BuildContext<ReturnType<typeof compilerOptions>>;

/**
 * Builds a service, and again whenever its sources change. Each build that differs goes into a directory of its own
 * (`<outdir>/<hash>/`), so that a running revision keeps its files. `onBuild` gets the first result before the promise
 * resolves; later only what is new: another hash, or errors.
 */
export async function watchService(
  options: BuildOptions,
  onBuild: (result: BuiltService | BuildError) => void,
): Promise<{ stop(): Promise<void> }> {
  const watch = new ServiceWatch(options, onBuild);
  await watch.start();
  return { stop: () => watch.stop() };
}

class ServiceWatch {
  readonly #options: BuildOptions;
  readonly #onBuild: (result: BuiltService | BuildError) => void;
  readonly #watcher: DirectoryWatcher;
  #compiler: Compiler | undefined;
  #building: Promise<void> = Promise.resolve();
  #caching: Promise<void> = Promise.resolve();
  #inputs: readonly string[] = [];
  #last: string | undefined;
  #stopped = false;

  constructor(options: BuildOptions, onBuild: (result: BuiltService | BuildError) => void) {
    this.#options = options;
    this.#onBuild = onBuild;
    this.#watcher = new DirectoryWatcher(() => this.#enqueue(), DEBOUNCE_MS);
  }

  async start(): Promise<void> {
    const plan = planBuild(this.#options);
    const reused = reuse(plan);
    if (!reused) {
      this.#enqueue();
      await this.#building;
      return;
    }
    this.#inputs = Object.keys(reused.stamp.inputs);
    this.#watcher.watch(directoriesOf(plan, this.#inputs));
    this.#report(reused.built);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#watcher.close();
    await this.#building;
    await this.#compiler?.dispose();
    await this.#caching;
  }

  /** One build after the other; changes during a build lead to one more. */
  #enqueue(): void {
    this.#building = this.#building.then(() => this.#build());
  }

  async #build(): Promise<void> {
    if (this.#stopped) return;
    try {
      const plan = planBuild(this.#options);
      const result = await this.#attempt(plan);
      this.#watcher.watch(directoriesOf(plan, this.#inputs));
      this.#report(result);
    } catch (error) {
      this.#report(new BuildError(basename(this.#options.app), [{ text: messageOf(error) }], { cause: error }));
    }
  }

  async #attempt(plan: BuildPlan): Promise<BuiltService | BuildError> {
    try {
      const bundle = await this.#compile(plan);
      this.#inputs = Object.keys(bundle.metafile.inputs);
      return await writeBuild(plan, bundle);
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      // What was read is not told with an error: the last good inputs and the places of the problems have to do.
      this.#inputs = [...new Set([...this.#inputs, ...error.problems.flatMap(({ file }) => file ?? [])])];
      return error;
    }
  }

  async #compile(plan: BuildPlan): Promise<Bundle> {
    const { context } = await import('esbuild');
    const startedAtMs = Date.now();
    try {
      this.#compiler ??= await context(compilerOptions(plan));
      return bundleOf(plan, await this.#compiler.rebuild(), startedAtMs);
    } catch (error) {
      throw buildErrorOf(plan, error);
    }
  }

  #report(result: BuiltService | BuildError): void {
    const what = result instanceof BuildError ? result.message : result.hash;
    if (this.#stopped || what === this.#last) return;
    this.#last = what;
    this.#onBuild(result);
    if (this.#options.codeCache && !(result instanceof BuildError)) this.#cache(result);
  }

  /** In the background, one at a time; without a cache a service only starts later. */
  #cache(built: BuiltService): void {
    this.#caching = this.#caching.then(() => (this.#stopped ? undefined : makeCodeCache(built))).catch(() => undefined);
  }
}

function reuse(plan: BuildPlan): { readonly built: BuiltService; readonly stamp: Stamp } | undefined {
  const stamp = freshStamp(plan);
  if (!stamp) return undefined;
  const built = builtService(plan.name, join(plan.outdir, stamp.hash), stamp.hash, stamp.migrations);
  return existsSync(built.main) ? { built, stamp } : undefined;
}

async function writeBuild(plan: BuildPlan, bundle: Bundle): Promise<BuiltService> {
  const content = await hashOf(plan, bundle);
  const target = join(plan.outdir, content.hash);
  const built = await writeOutput(plan, bundle, content, target);
  await copyFile(stampPath(target), `${stampPath(plan.outdir)}.part`);
  await rename(`${stampPath(plan.outdir)}.part`, stampPath(plan.outdir));
  await prune(plan.outdir);
  return built;
}

async function prune(outdir: string): Promise<void> {
  const names = (await readdir(outdir)).filter((name) => /^[0-9a-f]{16}$/.test(name));
  const builds = await Promise.all(
    names.map(async (name) => ({ path: join(outdir, name), time: (await stat(join(outdir, name))).mtimeMs })),
  );
  const old = builds.sort((a, b) => b.time - a.time).slice(KEPT_BUILDS);
  await Promise.all(old.map(({ path }) => rm(path, { recursive: true, force: true })));
}

/** The directories that a person edits; packages change only when they are installed, and then everything starts anew. */
function directoriesOf({ root, app, migrations }: BuildPlan, inputs: readonly string[]): ReadonlySet<string> {
  const sources = inputs.filter((path) => !path.includes('node_modules')).map((path) => dirname(resolve(root, path)));
  return new Set([...sources, app, join(app, 'src'), migrations]);
}
