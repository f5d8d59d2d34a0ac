import { join } from 'node:path';
import { buildService } from '@ebb/build';
import { build } from 'esbuild';
import { WORKSPACE } from './workspace.ts';

/** A server that is measured: what node runs, and with which environment. */
export interface Contender {
  readonly main: string;
  readonly env: Readonly<Record<string, string>>;
}

const OUTPUT = join(WORKSPACE, 'tmp/bench');

/** A baseline, as one minified file as well: it must not lose by the time it takes to find its modules. */
export async function buildBaseline(name: string, env: Contender['env'] = {}): Promise<Contender> {
  const main = join(OUTPUT, `${name}.cjs`);
  await build({
    entryPoints: [join(WORKSPACE, `test/bench/baselines/${name}.ts`)],
    outfile: main,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    external: ['pg-native'],
    logLevel: 'error',
  });
  return { main, env };
}

/** A service as `ebb build` makes it, with V8's code cache. */
export async function buildFunction(name: string, env: Contender['env']): Promise<Contender> {
  const { main } = await buildService({
    root: WORKSPACE,
    app: `test/bench/services/${name}`,
    outdir: join(OUTPUT, name),
    codeCache: true,
  });
  return { main, env: { K_SERVICE: name, LOG_LEVEL: 'info', ...env } };
}
