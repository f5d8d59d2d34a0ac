// `npm test`: every project's tests, then the count of all of them on the last line.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const workspace = dirname(dirname(fileURLToPath(import.meta.url)));
const results = join(workspace, 'tmp/results');
const require = createRequire(import.meta.url);
const nx = join(dirname(require.resolve('nx/package.json')), require('nx/package.json').bin.nx);
const parallel = process.env.EBB_TEST_PARALLEL ?? '2';

rmSync(results, { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  [nx, 'run-many', '--target=test', `--parallel=${parallel}`, '--output-style=stream', ...process.argv.slice(2)],
  { cwd: workspace, stdio: 'inherit', env: { ...process.env, NX_DAEMON: 'false' } },
);

const counts = { passed: 0, failed: 0, skipped: 0 };
const broken = [];
for (const file of existsSync(results) ? readdirSync(results).sort() : []) {
  const report = JSON.parse(readFileSync(join(results, file), 'utf8'));
  counts.passed += report.numPassedTests;
  counts.failed += report.numFailedTests;
  counts.skipped += report.numPendingTests + report.numTodoTests;
  // A file that does not even load has no failed test in it, and must count all the same.
  for (const suite of report.testResults) {
    if (suite.status === 'failed' && suite.assertionResults.length === 0) {
      counts.failed += 1;
      broken.push(suite.name);
    }
    for (const test of suite.assertionResults) {
      if (test.status === 'failed') broken.push(`${suite.name.slice(workspace.length + 1)}: ${test.fullName}`);
    }
  }
}
for (const name of broken) console.log(`failed: ${name}`);
const ok = status === 0 && counts.failed === 0 && counts.passed > 0;
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(ok ? 0 : 1);
