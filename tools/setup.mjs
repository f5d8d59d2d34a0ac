// Makes a fresh clone ready to run: checks Node and installs the packages when the lockfile is not what is installed.
// It runs before anything is installed, so it uses nothing but Node.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MINIMUM_NODE = [20, 19];
const workspace = dirname(dirname(fileURLToPath(import.meta.url)));
const packages = join(workspace, 'node_modules');
const stampFile = join(packages, '.ebb-setup');

function fail(message) {
  console.error(`\n${message}\n`);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [wantMajor, wantMinor] = MINIMUM_NODE;
  if (major > wantMajor || (major === wantMajor && minor >= wantMinor)) return;
  fail(
    `Ebb needs Node ${wantMajor}.${wantMinor} or later; this is ${process.versions.node}. Install it with: nvm install --lts`,
  );
}

/** Changes whenever what has to be installed does: the lockfile, and each workspace package that it links. */
function wantedStamp() {
  return createHash('sha256')
    .update(readFileSync(join(workspace, 'package-lock.json')))
    .update(process.platform + process.arch)
    .digest('hex');
}

/** An installation that something broke later, such as a second one at the same time, is not taken for one. */
function isInstalled(stamp) {
  const isWhole = ['.package-lock.json', '@ebb/core', 'esbuild'].every((name) => existsSync(join(packages, name)));
  return isWhole && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
}

/** One line that moves on a terminal; a line at the start and the end elsewhere. */
function progress(label) {
  const started = Date.now();
  const seconds = () => ((Date.now() - started) / 1000).toFixed(0);
  if (!process.stdout.isTTY) {
    console.log(`${label} …`);
    return () => console.log(`${label}: done in ${seconds()} s`);
  }
  const draw = () => process.stdout.write(`\r\u001b[2K${label} … ${seconds()} s`);
  draw();
  const timer = setInterval(draw, 500);
  return () => {
    clearInterval(timer);
    process.stdout.write(`\r\u001b[2K${label}: done in ${seconds()} s\n`);
  };
}

async function install() {
  const done = progress('Installing packages (once, about a minute)');
  // A production NODE_ENV would leave out what builds and tests.
  const child = spawn('npm', ['ci', '--include=dev', '--include=optional', '--no-fund', '--no-audit'], {
    cwd: workspace,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const code = await new Promise((resolve) => {
    child.on('error', () => resolve('npm could not be started'));
    child.on('close', resolve);
  });
  if (code !== 0) {
    const tail = Buffer.concat(output).toString().trim().split('\n').slice(-15).join('\n');
    fail(`Installing packages failed (${code}). Is the npm registry reachable? Try: npm ci\n\n${tail}`);
  }
  done();
}

checkNode();
const stamp = wantedStamp();
if (!isInstalled(stamp)) {
  await install();
  writeFileSync(stampFile, stamp);
}
