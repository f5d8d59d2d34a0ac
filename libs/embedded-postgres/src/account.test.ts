import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { firstAccount, mayEnter, mayRun } from './account.ts';

const NOBODY = 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin';
const POSTGRES = 'postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash';
const ROOT = 'root:x:0:0:root:/root:/bin/bash';

describe('the account that PostgreSQL runs as', () => {
  it.each([
    ['postgres where there is one', [ROOT, NOBODY, POSTGRES], { uid: 101, gid: 104 }],
    ['nobody elsewhere', [ROOT, NOBODY], { uid: 65_534, gid: 65_534 }],
  ])('is %s', (_what, lines, account) => {
    expect(firstAccount(`${lines.join('\n')}\n`)).toEqual(account);
  });

  it('is never root, nor made up', () => {
    expect(() => firstAccount(ROOT)).toThrow(/no user postgres or nobody/);
    expect(() => firstAccount('postgres:x:0:0::/:/bin/sh')).toThrow(/no user/);
  });
});

describe('what an account may reach', () => {
  const stranger = { uid: 65_533, gid: 65_533 };
  let root = '';

  beforeEach(() => {
    // The folder itself is 0700, as mkdtemp makes it.
    root = realpathSync(mkdtempSync(join(tmpdir(), 'ebb-account-')));
    mkdirSync(join(root, 'open'), { mode: 0o755 });
    writeFileSync(join(root, 'open/program'), '', { mode: 0o755 });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('ends at a closed folder, however open those below are', () => {
    expect(mayEnter(stranger, join(root, 'open'))).toBe(false);
    expect(mayRun(stranger, join(root, 'open/program'))).toBe(false);
  });

  it('includes what its own rights open', () => {
    const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    expect(mayRun(owner, join(root, 'open/program'))).toBe(true);
    expect(mayEnter(stranger, tmpdir())).toBe(true);
  });
});
