import { createHash } from 'node:crypto';
import { relative } from 'node:path';

import { messageOf } from '@ebb/core';
import type { BuildFailure, BuildOptions as CompilerOptions, BuildResult, Message } from 'esbuild';

import { BuildError, type BuildProblem } from './errors.ts';
import { BUNDLE_FILE } from './loader.ts';
import type { BuildPlan } from './options.ts';

/** A service as one file, in memory. */
export interface Bundle {
  /** Latin-1 only: esbuild escapes everything else. */
  readonly code: string;
  readonly sourceMap: string;
  readonly version: string;
  readonly metafile: Metafile;
  /** Milliseconds since the epoch: what changed after this may not be in it. */
  readonly startedAtMs: number;
}

export type Metafile = NonNullable<BuildResult['metafile']>;

/** Stands for the hash while the content is compiled that it is the hash of. It has the hash's length, so no position moves. */
const PLACEHOLDER = '@content@hash@';
const HASH_LENGTH = PLACEHOLDER.length;

/**
 * Who asks for these does without them: pg for its native twin, debug for colours. Left out even where they are installed, so that a service is the
 * same on a laptop and in an image.
 */
export const OPTIONAL: readonly string[] = ['pg-native', 'supports-color'];

/** How a service becomes one CommonJS file that runs from Node 20 on and loads on demand what is imported on demand. */
export function compilerOptions({ root, entry, version }: BuildPlan) {
  return {
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: BUNDLE_FILE,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // Packages that offer both are smaller, and start faster, as modules: what is not used falls away.
    mainFields: ['module', 'main'],
    minify: true,
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'none',
    // The function that Node wraps a module in: put here, the loader need not copy the source to add it.
    banner: { js: '(function(exports,require,module,__filename,__dirname){' },
    footer: { js: '})' },
    charset: 'ascii',
    define: {
      EBB_BUILD_VERSION: JSON.stringify(`${version}+${PLACEHOLDER}`),
      'process.env.NODE_ENV': '"production"',
    },
    external: [...OPTIONAL],
    metafile: true,
    write: false,
    logLevel: 'silent',
  } as const satisfies CompilerOptions;
}

/** What the compiler gave, as the bundle it stands for. */
export function bundleOf(
  { version }: BuildPlan,
  result: BuildResult<{ write: false; metafile: true }>,
  startedAtMs: number,
): Bundle {
  const textOf = (suffix: string): string => result.outputFiles.find(({ path }) => path.endsWith(suffix))?.text ?? '';
  const code = textOf(BUNDLE_FILE);
  const hash = createHash('sha256').update(code).digest('hex').slice(0, HASH_LENGTH);
  return {
    code: code.replaceAll(PLACEHOLDER, hash),
    sourceMap: textOf(`${BUNDLE_FILE}.map`),
    version: `${version}+${hash}`,
    metafile: result.metafile,
    startedAtMs,
  };
}

/** @throws BuildError */
export async function compile(plan: BuildPlan): Promise<Bundle> {
  const { build } = await import('esbuild');
  const startedAtMs = Date.now();
  try {
    return bundleOf(plan, await build(compilerOptions(plan)), startedAtMs);
  } catch (error) {
    throw buildErrorOf(plan, error);
  }
}

/** A failure of the compiler, with the place of every problem. */
export function buildErrorOf({ name, root }: BuildPlan, error: unknown): BuildError {
  const problems = isBuildFailure(error)
    ? error.errors.map((message) => problemOf(root, message))
    : [{ text: messageOf(error) }];
  return new BuildError(name, problems, { cause: error });
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors) && error.errors.length > 0;
}

function problemOf(root: string, { text, location }: Message): BuildProblem {
  if (!location) return { text };
  const { file, line, column, lineText } = location;
  return { text, file: relative(root, `${root}/${file}`), line, column: column + 1, source: lineText };
}
