import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.ts';
import { WATCHDOG } from './watchdog.ts';

/** Starts the watchdog over the process argv[1] and then does nothing, like a test that hangs. */
const HANGING_TEST = `
  const [watchdog, pid, directory] = process.argv.slice(1);
  require('node:child_process').spawn('/bin/sh', ['-c', watchdog, pid, directory], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  console.log('started');
  setInterval(() => undefined, 1000);`;

describe('the watchdog', () => {
  it('ends the server and removes its files when the tests are killed', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ebb-watchdog-'));
    const server = spawn('sleep', ['60'], { stdio: 'ignore' });
    const serverEnded = new Promise((resolve) => server.once('exit', (_code, signal) => resolve(signal)));
    const test = spawn(process.execPath, ['-e', HANGING_TEST, WATCHDOG, String(server.pid), directory], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await new Promise((resolve) => test.stdout.once('data', resolve));
    expect(existsSync(directory)).toBe(true);
    test.kill('SIGKILL');
    expect(await serverEnded).toBe('SIGQUIT');
    await eventually(() => !existsSync(directory));
  });
});
