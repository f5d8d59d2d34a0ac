import { join } from 'node:path';
import { BuildError, buildService, describeService, findApps, watchService, type App } from '@ebb/build';
import { messageOf } from '@ebb/core';
import type { OnProgress } from '../progress.ts';
import type { Deployer, DescribedApp } from './deployer.ts';

/** Builds every app of a workspace and asks it what it is. */
export async function describeAll(root: string, buildFolder: string): Promise<readonly DescribedApp[]> {
  const apps = await findApps(root);
  return await Promise.all(
    apps.map(async ({ name, directory }) => {
      const app = await buildService({ root, app: directory, outdir: join(buildFolder, name), codeCache: true });
      return { app, entry: await describeService(app.main) };
    }),
  );
}

/** Reloads an app when its sources change; the revision that runs goes on until the new one is ready. */
export class SourceWatch {
  readonly #root: string;
  readonly #buildFolder: string;
  readonly #deployer: Deployer;
  readonly #onProgress: OnProgress;
  readonly #errors = new Map<string, string>();
  readonly #watches: { stop(): Promise<void> }[] = [];
  #starting: Promise<void> | undefined;
  #isStopped = false;
  /** One reload at a time: two of them would race for the same set of resources. */
  #queue: Promise<void> = Promise.resolve();

  constructor(options: { root: string; buildFolder: string; deployer: Deployer; onProgress: OnProgress }) {
    this.#root = options.root;
    this.#buildFolder = options.buildFolder;
    this.#deployer = options.deployer;
    this.#onProgress = options.onProgress;
  }

  /** The apps that do not build or start at the moment, and why. */
  get errors(): readonly { readonly service: string; readonly message: string }[] {
    return [...this.#errors].map(([service, message]) => ({ service, message }));
  }

  start(): Promise<void> {
    this.#starting ??= this.#watchAll();
    return this.#starting;
  }

  /** May be called while it starts, which takes a build of each app. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#starting?.catch(() => undefined);
    await Promise.all(this.#watches.map((watch) => watch.stop()));
    await this.#queue;
  }

  async #watchAll(): Promise<void> {
    for (const app of await findApps(this.#root)) {
      if (this.#isStopped) return;
      this.#watches.push(await this.#watch(app));
    }
  }

  #watch({ name, directory }: App): Promise<{ stop(): Promise<void> }> {
    const outdir = join(this.#buildFolder, name);
    return watchService({ root: this.#root, app: directory, outdir }, (result) => {
      this.#queue = this.#queue.then(async () => {
        try {
          if (result instanceof BuildError) throw result;
          await this.#reload(name, { app: result, entry: await describeService(result.main) });
        } catch (error) {
          this.#errors.set(name, messageOf(error));
          this.#onProgress({ kind: 'warning', message: `${name} goes on as it was: ${messageOf(error)}` });
        }
      });
    });
  }

  async #reload(name: string, described: DescribedApp): Promise<void> {
    const before = this.#deployer.hashOf(name);
    this.#errors.delete(name);
    if (before === described.app.hash) return;
    const startedAt = performance.now();
    await this.#deployer.deploy([described]);
    const ms = Math.round(performance.now() - startedAt);
    this.#onProgress({ kind: 'note', message: `${name} reloaded in ${ms} ms: the next event runs the new code` });
  }
}
