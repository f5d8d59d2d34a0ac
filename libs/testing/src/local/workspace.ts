import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { restoreBuilds } from './kept-builds.ts';

/** A copy of a workspace in a temporary folder: its own data, its own sources to change, the same installed packages. */
export interface WorkspaceCopy {
  readonly root: string;
  /** The repository that it was copied from. */
  readonly origin: string;
  /** Whether its libraries are the origin's, so that its builds may serve other copies. */
  readonly sharesBuilds: boolean;
  remove(): void;
}

export interface WorkspaceCopyOptions {
  /** Apps to copy. Default: the shop's, and the relay. */
  readonly apps?: readonly string[];
  /** Libraries to copy, too, so that a test may change them. Default: none; all are shared with the origin. */
  readonly libs?: readonly string[];
  /** Part of the folder's name: put a space in it to prove that paths are quoted. */
  readonly name?: string;
  /** Members of `ebb.config.json`, in the place of the origin's. */
  readonly config?: object;
}

const CONFIG_FILE = 'ebb.config.json';
const APPS = ['orders', 'inventory', 'payments', 'payment-provider', 'shipping', 'relay'];

/** Copies the apps of the workspace around `from` into a fresh one, with its configuration. */
export function copyWorkspace(from: string, options: WorkspaceCopyOptions = {}): WorkspaceCopy {
  const { apps = APPS, libs = [], name = 'ebb', config } = options;
  const origin = originOf(from);
  const root = mkdtempSync(join(tmpdir(), `${name}-`));
  writeFileSync(
    join(root, 'package.json'),
    JSON.stringify({ name: 'copy', private: true, type: 'module', workspaces: ['apps/*'] }),
  );
  const { mtime } = statSync(join(origin, 'package.json'));
  utimesSync(join(root, 'package.json'), mtime, mtime);
  writeFileSync(join(root, CONFIG_FILE), JSON.stringify({ ...configOf(origin), ...config }));
  mkdirSync(join(root, 'apps'));
  for (const folder of [...apps.map((app) => join('apps', app)), ...libs.map((lib) => join('libs', lib))]) {
    cpSync(join(origin, folder), join(root, folder), {
      recursive: true,
      // Builds tell by it that nothing changed.
      preserveTimestamps: true,
      filter: (source) => !['dist', 'node_modules', '.ebb'].includes(basename(source)),
    });
    // What npm could not put beside the packages of all, such as another version of one of them.
    const own = join(origin, folder, 'node_modules');
    if (existsSync(own)) symlinkSync(own, join(root, folder, 'node_modules'));
  }
  linkPackages(origin, root);
  if (libs.length === 0) restoreBuilds(origin, root);
  return {
    root,
    origin,
    sharesBuilds: libs.length === 0,
    remove: () => remove(root),
  };
}

function remove(root: string): void {
  const data = join(root, '.ebb/postgres/data');
  // As root, PostgreSQL has its data where its own account may go, and the folder here is a link.
  if (lstatSync(data, { throwIfNoEntry: false })?.isSymbolicLink())
    rmSync(dirname(readlinkSync(data)), { recursive: true, force: true, maxRetries: 5 });
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
}

function configOf(origin: string): object {
  const file = join(origin, CONFIG_FILE);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as object) : {};
}

/** The installed packages of the origin, and of our own the copies where there are some. */
function linkPackages(origin: string, root: string): void {
  const [from, to] = [join(origin, 'node_modules'), join(root, 'node_modules')];
  mkdirSync(join(to, '@ebb'), { recursive: true });
  for (const name of readdirSync(from).filter((entry) => entry !== '@ebb'))
    symlinkSync(join(from, name), join(to, name));
  for (const name of readdirSync(join(from, '@ebb'))) {
    const copy = join(root, 'libs', name);
    symlinkSync(existsSync(copy) ? copy : realpathSync(join(from, '@ebb', name)), join(to, '@ebb', name));
  }
}

function originOf(from: string): string {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'apps/cli/bin/ebb.mjs'))) return folder;
  }
  throw new Error(`${from} is not inside the repository`);
}
