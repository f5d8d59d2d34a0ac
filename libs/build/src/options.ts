import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

import { EbbError, messageOf } from '@ebb/core';

export interface BuildOptions {
  /** The workspace, absolute. */
  readonly root: string;
  /** The folder of the app: absolute, or relative to the workspace. */
  readonly app: string;
  /** Where the files go: absolute, or relative to the workspace. */
  readonly outdir: string;
  /** Also make V8's code cache: costs one start of the service, and saves more at each later one. */
  readonly codeCache?: boolean;
}

/** The paths of one build, absolute, and what is known of the app before it is compiled. */
export interface BuildPlan {
  readonly root: string;
  readonly name: string;
  readonly app: string;
  readonly entry: string;
  readonly migrations: string;
  readonly outdir: string;
  /** Of the app's package.json. */
  readonly version: string;
  /** Files that decide about the result without being compiled. */
  readonly extraInputs: readonly string[];
}

/** @throws EbbError EBB_BUILD when the folder is no app */
export function planBuild({ root, app: folder, outdir }: BuildOptions): BuildPlan {
  const app = resolve(root, folder);
  const manifest = join(app, 'package.json');
  return {
    root: resolve(root),
    name: basename(app),
    app,
    entry: join(app, 'src', 'main.ts'),
    migrations: join(app, 'migrations'),
    outdir: resolve(root, outdir),
    version: versionOf(manifest),
    extraInputs: [manifest, join(app, 'tsconfig.json'), join(root, 'tsconfig.base.json'), join(root, 'package.json')],
  };
}

function versionOf(manifest: string): string {
  try {
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version?: unknown };
    return typeof version === 'string' ? version : '0.0.0';
  } catch (error) {
    throw new EbbError('EBB_BUILD', `cannot read ${manifest}: ${messageOf(error)}`, { cause: error });
  }
}
