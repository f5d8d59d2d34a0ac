import { existsSync } from 'node:fs';

import { makeCodeCache } from './code-cache.ts';
import { compile } from './compile.ts';
import { planBuild, type BuildOptions } from './options.ts';
import { builtService, hashOf, writeOutput, type BuiltService } from './output.ts';
import { freshStamp } from './stamp.ts';

/**
 * Builds a service into `outdir`: its loader service.cjs, the bundle, its migrations. When nothing changed since the last
 * build there, only the inputs' sizes and times are looked at.
 * @throws BuildError
 */
export async function buildService(options: BuildOptions): Promise<BuiltService> {
  const built = reuse(options) ?? (await rebuild(options));
  if (options.codeCache) await makeCodeCache(built);
  return built;
}

async function rebuild(options: BuildOptions): Promise<BuiltService> {
  const plan = planBuild(options);
  const bundle = await compile(plan);
  return writeOutput(plan, bundle, await hashOf(plan, bundle), plan.outdir);
}

function reuse(options: BuildOptions): BuiltService | undefined {
  const plan = planBuild(options);
  const stamp = freshStamp(plan);
  if (!stamp) return undefined;
  const built = builtService(plan.name, plan.outdir, stamp.hash, stamp.migrations);
  return existsSync(built.main) ? built : undefined;
}
