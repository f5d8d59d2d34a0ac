import { createHash } from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { readlinkSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EbbError } from '@ebb/core';
import { mayEnter, mayRun, type Account } from './account.ts';
import { binary, type Binaries } from './binaries.ts';

/** Where a server's files lie. */
export interface Placement {
  readonly account: Account | undefined;
  readonly binaries: Binaries;
  /** The folder above the data directory: the account may enter it, and we make and remove the data directory in it. */
  readonly home: string;
  readonly data: string;
}

/**
 * Decides where the data and the binaries lie: in `directory` and where npm put them, unless PostgreSQL must run as an
 * account that cannot go there (a workspace under /root). Then both lie in a place of their own, and `directory/data` links there.
 */
export function place(directory: string, installed: Binaries, account: Account | undefined): Placement {
  mkdirSync(directory, { recursive: true });
  const own = realpathSync(directory);
  if (!account) return { account, binaries: installed, home: own, data: join(own, 'data') };
  const binaries = mayRun(account, binary(installed, 'postgres')) ? installed : copyOf(installed);
  const link = join(own, 'data');
  if (mayEnter(account, own) && !isLink(link)) return { account, binaries, home: own, data: link };
  const home = join(outsideBase(), createHash('sha256').update(own).digest('hex').slice(0, 16));
  const data = join(home, 'data');
  if (!isLink(link) || readlinkSync(link) !== data) {
    // Whoever deleted the workspace's folder meant its data, too.
    rmSync(home, { recursive: true, force: true });
    rmSync(link, { recursive: true, force: true });
    symlinkSync(data, link);
  }
  makeEnterable(home);
  return { account, binaries, home, data };
}

/** Removes the data of a server that is stopped, wherever it lies. */
export function removeData(directory: string): void {
  const link = join(directory, 'data');
  if (isLink(link)) rmSync(join(readlinkSync(link), '..'), { recursive: true, force: true });
  rmSync(directory, { recursive: true, force: true });
}

/** Gives a path to the account that PostgreSQL runs as. */
export function give(path: string, account: Account | undefined): void {
  if (account) chownSync(path, account.uid, account.gid);
}

/** The binaries where everybody can reach them, copied once per version. */
function copyOf(installed: Binaries): Binaries {
  const directory = join(outsideBase(), `postgresql-${installed.version}`);
  if (!existsSync(directory)) {
    // Whole or not at all: a copy that was interrupted is never taken for one.
    const partial = `${directory}.${process.pid}`;
    cpSync(installed.directory, partial, { recursive: true, verbatimSymlinks: true });
    openToAll(partial);
    try {
      renameSync(partial, directory);
    } catch (error) {
      rmSync(partial, { recursive: true, force: true });
      if (!existsSync(directory)) throw error;
    }
  }
  return { directory, version: installed.version };
}

/** A folder that others may enter but not list, whatever our umask takes away. */
function makeEnterable(path: string): void {
  if (mkdirSync(path, { recursive: true }) !== undefined) chmodSync(path, 0o711);
}

/** What was installed under a strict umask is closed to everybody else, the copy included. */
function openToAll(path: string): void {
  const { mode } = lstatSync(path);
  if (isLink(path)) return;
  chmodSync(path, mode | 0o444 | ((mode & 0o100) === 0 ? 0 : 0o111));
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) openToAll(join(path, name));
}

/** The folder of root's own outside the workspace. */
function outsideBase(): string {
  try {
    return ownFolder('/var/lib/ebb');
  } catch {
    // A read-only root file system, as hardened containers have.
    return ownFolder(join(tmpdir(), 'ebb-root'));
  }
}

/** @throws EbbError EBB_RUNTIME when somebody else made it: in a shared folder that may be a trap */
function ownFolder(path: string): string {
  makeEnterable(path);
  const { uid } = lstatSync(path);
  if (uid !== process.getuid?.() || isLink(path)) {
    throw new EbbError('EBB_RUNTIME', `${path} belongs to somebody else: remove it, or run as another user than root`);
  }
  return path;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
