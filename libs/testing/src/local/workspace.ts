import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** A copy of a workspace in a temporary folder: its own data, its own sources to change, the same installed packages. */
export interface WorkspaceCopy {
  readonly root: string;
  /** The repository that it was copied from. */
  readonly origin: string;
  remove(): void;
}

export interface WorkspaceCopyOptions {
  /** Apps to copy. Default: orders, inventory and relay. */
  readonly apps?: readonly string[];
  /** Part of the folder's name: put a space in it to prove that paths are quoted. */
  readonly name?: string;
  /** Content of `ebb.config.json`. */
  readonly config?: object;
}

/** Copies the apps of the workspace around `from` into a fresh one. */
export function copyWorkspace(from: string, options: WorkspaceCopyOptions = {}): WorkspaceCopy {
  const { apps = ['orders', 'inventory', 'relay'], name = 'ebb', config } = options;
  const origin = originOf(from);
  const root = mkdtempSync(join(tmpdir(), `${name}-`));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'copy', private: true, type: 'module', workspaces: ['apps/*'] }));
  if (config) writeFileSync(join(root, 'ebb.config.json'), JSON.stringify(config));
  mkdirSync(join(root, 'apps'));
  for (const app of apps) {
    cpSync(join(origin, 'apps', app), join(root, 'apps', app), {
      recursive: true,
      filter: (source) => !['dist', 'node_modules', '.ebb'].includes(basename(source)),
    });
  }
  symlinkSync(join(origin, 'node_modules'), join(root, 'node_modules'));
  return { root, origin, remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }) };
}

function originOf(from: string): string {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'apps/cli/bin/ebb.mjs'))) return folder;
  }
  throw new Error(`${from} is not inside the repository`);
}
