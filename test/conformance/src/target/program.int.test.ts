import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { addressOfNobody } from './installation.fixture.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const DEADLINE_MS = 100_000;

/** As `npm run conformance` runs it. */
function run(...args: string[]): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(ROOT, 'tools/run.mjs'), 'test/conformance/src/main.ts', ...args],
      { cwd: ROOT, env: { PATH: process.env.PATH, HOME: process.env.HOME }, timeout: DEADLINE_MS },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}

describe('npm run conformance', () => {
  it('says what is wrong with its command line', async () => {
    const { code, output } = await run('--targt', 'x');
    expect([code, output]).toEqual([2, expect.stringContaining("error: Unknown option '--targt'")]);
  }, 150_000);

  it('fails where nobody answers', async () => {
    const { code, output } = await run('--target', await addressOfNobody());
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(/error: http:\S+\/ebb\/v1\/status cannot be reached: ECONNREFUSED/),
    ]);
  }, 150_000);

  it('describes itself as what is made into an image', async () => {
    const { code, output } = await run('--describe');
    expect([code, JSON.parse(output)]).toMatchObject([0, { kind: 'worker', name: 'conformance' }]);
  }, 150_000);
});
