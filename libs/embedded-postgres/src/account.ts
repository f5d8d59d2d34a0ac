import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EbbError } from '@ebb/core';

/** The user that PostgreSQL runs as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** In the order of preference; every Unix has the second. */
const CANDIDATES = ['postgres', 'nobody'];

const READ = 4;
const EXECUTE = 1;

/**
 * Who PostgreSQL must run as; undefined when it is simply us. PostgreSQL refuses to run as root, so root (the usual user in
 * a container) hands it to a lesser account: to the one that owns the data, where there is data.
 */
export function accountForPostgres(data: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(data, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return firstAccount(readFileSync('/etc/passwd', 'utf8'));
}

/** @throws EbbError EBB_RUNTIME when the system has none of the accounts that PostgreSQL could run as */
export function firstAccount(passwd: string): Account {
  const accounts = new Map(passwd.split('\n').map((line) => [line.split(':')[0], line.split(':')]));
  for (const name of CANDIDATES) {
    const [uid, gid] = (accounts.get(name)?.slice(2, 4) ?? []).map(Number);
    if (uid && gid) return { uid, gid };
  }
  throw new EbbError(
    'EBB_RUNTIME',
    `PostgreSQL does not run as root, and there is no user ${CANDIDATES.join(' or ')} to run it as: run as another user`,
  );
}

/** Whether the account may enter a directory and every directory above it. */
export function mayEnter(account: Account, directory: string): boolean {
  const parent = dirname(directory);
  return has(account, directory, EXECUTE) && (parent === directory || mayEnter(account, parent));
}

/** Whether the account may read and run a file, wherever it lies. */
export function mayRun(account: Account, file: string): boolean {
  return has(account, file, READ | EXECUTE) && mayEnter(account, dirname(file));
}

function has({ uid, gid }: Account, path: string, wanted: number): boolean {
  const { mode, uid: owner, gid: group } = statSync(path);
  const shift = owner === uid ? 6 : group === gid ? 3 : 0;
  return ((mode >> shift) & wanted) === wanted;
}
