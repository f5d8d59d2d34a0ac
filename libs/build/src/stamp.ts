import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { Bundle } from './compile.ts';
import type { BuildPlan } from './options.ts';

const STAMP_FILE = 'build.json';

/** What a build was made from, kept beside its output: the same inputs need no other build. */
export interface Stamp {
  /** Of this format, the compiler and Node, whose code caches do not fit each other. */
  readonly made: string;
  readonly hash: string;
  readonly version: string;
  readonly migrations: boolean;
  /** Path relative to the workspace → what identifies the file's state. */
  readonly inputs: Readonly<Record<string, string>>;
}

const FORMAT = 2;

/** Where and by what a stamp is made: one that was made elsewhere does not hold. */
function maker(plan: BuildPlan): string {
  return [FORMAT, process.version, process.arch, plan.root].join(' ');
}

export function makeStamp(plan: BuildPlan, { metafile, version, startedAtMs }: Bundle, hash: string): Stamp {
  const paths = [...Object.keys(metafile.inputs).filter(isFile), ...migrationFiles(plan), ...plan.extraInputs];
  const inputs = Object.fromEntries(paths.map((path) => [path, stateOf(plan, path, startedAtMs)]));
  inputs[plan.migrations] = listingOf(plan);
  return { made: maker(plan), hash, version, migrations: migrationFiles(plan).length > 0, inputs };
}

/** The stamp of what stands in `outdir`, when every input is as it was; undefined when a build is needed. */
export function freshStamp(plan: BuildPlan): Stamp | undefined {
  const stamp = readStamp(plan);
  if (stamp?.made !== maker(plan)) return undefined;
  const { [plan.migrations]: listing, ...files } = stamp.inputs;
  if (listing !== listingOf(plan)) return undefined;
  return Object.entries(files).every(([path, state]) => stateOf(plan, path) === state) ? stamp : undefined;
}

export function stampText(stamp: Stamp): string {
  return JSON.stringify(stamp);
}

export const stampPath = (directory: string): string => join(directory, STAMP_FILE);

/** The service's SQL files, absolute, in their order. */
export function migrationFiles({ migrations }: BuildPlan): readonly string[] {
  try {
    return readdirSync(migrations)
      .filter((name) => name.endsWith('.sql'))
      .sort()
      .map((name) => join(migrations, name));
  } catch {
    return [];
  }
}

/** The same for two builds exactly when the same runs: the code, its loader, the migrations. */
export function contentHash(parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(String(part.length)).update('\0').update(part);
  return hash.digest('hex').slice(0, 16);
}

function readStamp({ outdir }: BuildPlan): Stamp | undefined {
  try {
    return JSON.parse(readFileSync(stampPath(outdir), 'utf8')) as Stamp;
  } catch {
    return undefined;
  }
}

function listingOf(plan: BuildPlan): string {
  return migrationFiles(plan).join('\n');
}

/** File systems round times down by up to a clock tick. */
const TICK_MS = 10;

/** A file that changed while it was compiled has no state that holds. */
function stateOf({ root }: BuildPlan, path: string, startedAtMs = Number.POSITIVE_INFINITY): string {
  const stat = statSync(resolve(root, path), { throwIfNoEntry: false });
  if (!stat) return 'absent';
  return stat.mtimeMs > startedAtMs - TICK_MS ? 'unsettled' : `${stat.size} ${stat.mtimeMs}`;
}

/** esbuild names what is no file with a prefix, such as `(disabled):pg-native`. */
function isFile(path: string): boolean {
  return !/^[\w()<>-]{2,}:/.test(path);
}
