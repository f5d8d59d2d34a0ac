#!/usr/bin/env node
// Compiles the CLI when its sources changed since the last time (about 0.2 s), then runs it.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const KEEP_BUILDS = 3; // A running `ebb up` loads parts of its build late: the newest few stay.
const cli = dirname(dirname(fileURLToPath(import.meta.url)));
const workspace = dirname(dirname(cli));
const builds = join(cli, 'dist');

function sourcesIn(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.includes('.test.'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function stampOfSources() {
  const hash = createHash('sha256').update(process.version);
  const libraries = readdirSync(join(workspace, 'libs')).map((name) => join(workspace, 'libs', name, 'src'));
  for (const file of [join(cli, 'src'), ...libraries].flatMap(sourcesIn).sort()) {
    const { mtimeMs, size } = statSync(file);
    hash.update(`${file}:${mtimeMs}:${size}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

async function compile(target) {
  const { bundle } = await import('../../../tools/bundle.mjs').catch((error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    console.error('Nothing is installed yet. Run: npm start (or npm ci)');
    process.exit(1);
  });
  const temporary = `${target}.${process.pid}`;
  await bundle(join(cli, 'src/ebb.ts'), temporary).catch((error) => {
    // The bundler has printed each problem with its place; a stack adds nothing.
    if (Array.isArray(error.errors)) process.exit(1);
    throw error;
  });
  // Another process may have been quicker; both built the same.
  if (existsSync(target)) rmSync(temporary, { recursive: true });
  else renameSync(temporary, target);
  const old = readdirSync(builds)
    .map((name) => join(builds, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const directory of old.slice(KEEP_BUILDS)) rmSync(directory, { recursive: true, force: true });
}

const target = join(builds, stampOfSources());
if (!existsSync(target)) {
  mkdirSync(builds, { recursive: true });
  await compile(target);
}
process.setSourceMapsEnabled(true);
await import(pathToFileURL(join(target, 'ebb.mjs')).href);
