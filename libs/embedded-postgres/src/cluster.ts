import { randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EbbError, Secret } from '@ebb/core';
import { binary } from './binaries.ts';
import { give, type Placement } from './placement.ts';

export const SUPERUSER = 'ebb';

/**
 * Makes the data directory unless it is there; says whether it did.
 * It appears whole: an initdb that was killed leaves nothing that a later start would take for data.
 * @throws EbbError EBB_RUNTIME with what initdb said
 */
export async function ensureCluster(placement: Placement, password: Secret, durable: boolean): Promise<boolean> {
  if (existsSync(join(placement.data, 'PG_VERSION'))) return false;
  const making = join(placement.home, 'data.new');
  const passwordFile = join(placement.home, 'password.new');
  for (const leftOver of [making, passwordFile]) rmSync(leftOver, { recursive: true, force: true });
  mkdirSync(making, { mode: 0o700 });
  give(making, placement.account);
  try {
    writeFileSync(passwordFile, password.reveal(), { mode: 0o600 });
    give(passwordFile, placement.account);
    await initdb(placement, making, passwordFile, durable);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(making, placement.data);
  return true;
}

/** The superuser's password: random, readable by us alone, kept beside the data that it opens. */
export function ensurePassword(directory: string): Secret {
  const file = join(directory, 'password');
  if (!existsSync(file)) {
    writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600 });
    chmodSync(file, 0o600);
  }
  return new Secret(readFileSync(file, 'utf8').trim());
}

async function initdb(placement: Placement, data: string, passwordFile: string, durable: boolean): Promise<void> {
  const settings = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  if (!durable) settings.push('--no-sync');
  // Iterations slow the guessing of weak passwords down; ours have 256 bits, and every connection would pay for them.
  const access = [
    '--auth=scram-sha-256',
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--set=scram_iterations=1',
  ];
  try {
    await promisify(execFile)(binary(placement.binaries, 'initdb'), ['-D', data, ...settings, ...access], {
      ...placement.account,
      cwd: placement.home,
      // initdb reads locale and PG* variables; what it makes must not depend on who starts it.
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    });
  } catch (error) {
    const { stderr, message, code } = error as Error & { stderr?: string; code?: unknown };
    // The program is there, but what loads programs of its kind is not.
    if (code === 'ENOENT') {
      throw new EbbError('EBB_RUNTIME', 'PostgreSQL cannot run here: it needs glibc, which Alpine Linux lacks', {
        cause: error,
      });
    }
    throw new EbbError('EBB_RUNTIME', `PostgreSQL's initdb failed: ${stderr?.trim() ?? message}`, { cause: error });
  }
}
