// Runs one project's tests and leaves the counts in tmp/results, where tools/test.mjs adds them up.
// Tests that hang must fail, and must not hold up everything behind them: a run has a deadline, and what it started ends with it.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const DEADLINE_MS = 20 * 60_000;
/** All tests are over, and something still keeps the process. */
const EXIT_GRACE_MS = 20_000;
const KILL_GRACE_MS = 10_000;

const workspace = dirname(dirname(fileURLToPath(import.meta.url)));
const [projectRoot, ...rest] = process.argv.slice(2);
const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const result = join(workspace, 'tmp/results', `${basename(resolve(projectRoot))}.json`);
// Two runs of one project must not take each other's report for their own.
const report = join(workspace, 'tmp/reports', `${basename(resolve(projectRoot))}.${process.pid}.json`);
for (const file of [result, report]) mkdirSync(dirname(file), { recursive: true });
rmSync(result, { force: true });

const child = spawn(
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
    report,
    ...rest,
  ],
  // A group of its own, so that all of it can be ended.
  { stdio: ['ignore', 'ignore', 'inherit'], cwd: workspace, detached: true },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => endAll(signal));

let trouble;
const deadline = setTimeout(() => giveUp(`did not end within ${DEADLINE_MS / 60_000} minutes`), DEADLINE_MS);
let reportedAt;
const watch = setInterval(() => {
  if (!existsSync(report)) return;
  reportedAt ??= Date.now();
  if (Date.now() - reportedAt > EXIT_GRACE_MS) giveUp('did not exit after its last test: something was left running');
}, 500);

child.on('exit', (code) => {
  clearTimeout(deadline);
  clearInterval(watch);
  if (trouble) {
    signalGroup('SIGKILL');
    count(trouble);
  }
  if (existsSync(report)) renameSync(report, result);
  process.exit(trouble ? 1 : (code ?? 1));
});

function giveUp(why) {
  if (trouble) return;
  trouble = `${projectRoot} ${why}`;
  console.error(trouble);
  endAll('SIGTERM');
}

/** Asks first: a runtime that is told to stop takes the services that it started with it. */
function endAll(signal) {
  signalGroup(signal);
  setTimeout(() => signalGroup('SIGKILL'), KILL_GRACE_MS).unref();
}

function signalGroup(signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nothing of it is left.
  }
}

/** A run that had to be ended counts as a failed test, or the sum would not tell. */
function count(message) {
  const known = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
  const {
    numPassedTests = 0,
    numFailedTests = 0,
    numPendingTests = 0,
    numTodoTests = 0,
    testResults = [],
  } = known ?? {};
  testResults.push({ name: message, status: 'failed', assertionResults: [] });
  writeFileSync(report, JSON.stringify({ numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults }));
}
