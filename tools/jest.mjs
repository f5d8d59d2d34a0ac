// Runs one project's tests and leaves the counts in tmp/results, where tools/test.mjs adds them up.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const workspace = dirname(dirname(fileURLToPath(import.meta.url)));
const [projectRoot, ...rest] = process.argv.slice(2);
const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const results = join(workspace, 'tmp/results');
mkdirSync(results, { recursive: true });

const { status } = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    jest,
    '--config',
    join(workspace, 'jest.config.mjs'),
    '--rootDir',
    resolve(projectRoot),
    '--passWithNoTests',
    '--json',
    '--outputFile',
    join(results, `${basename(resolve(projectRoot))}.json`),
    ...rest,
  ],
  { stdio: ['ignore', 'ignore', 'inherit'], cwd: workspace },
);
process.exit(status ?? 1);
