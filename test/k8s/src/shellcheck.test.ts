import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from './scripts.fixture.ts';

/** Skipped, and counted so, where the program is missing, unless EBB_SHELLCHECK_REQUIRED says that it must be there. */
const describeWithShellcheck =
  process.env.EBB_SHELLCHECK_REQUIRED === '1' || spawnSync('shellcheck', ['--version']).status === 0
    ? describe
    : describe.skip;

const scripts = readdirSync(join(ROOT, 'k8s')).filter((name) => name.endsWith('.sh'));

describeWithShellcheck('shellcheck', () => {
  it('finds nothing in the scripts, nor in what they source', () => {
    const found = spawnSync('shellcheck', ['--external-sources', '--check-sourced', ...scripts], {
      cwd: join(ROOT, 'k8s'),
      encoding: 'utf8',
    });
    expect(found.stdout + found.stderr).toBe('');
  });
});

describe('each script', () => {
  it.each([...scripts, ...readdirSync(join(ROOT, 'k8s/lib')).map((name) => join('lib', name))])(
    '%s is bash',
    (name) => {
      expect(() => execFileSync('/bin/bash', ['-n', join(ROOT, 'k8s', name)], { stdio: 'pipe' })).not.toThrow();
    },
  );
});
