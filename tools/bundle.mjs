// Bundles a TypeScript entry of this workspace: our own packages go in, what is installed stays outside.
import { build } from 'esbuild';

/** Only names, and only other people's: '@ebb/…' is source to compile. */
const installedPackagesStayOutside = {
  name: 'installed-packages-stay-outside',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('@ebb/') ? undefined : { path, external: true },
    );
  },
};

/** Writes `<outdir>/<name of the entry>.mjs` and the chunks that it loads on demand. */
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
    sourcemap: true,
    logLevel: 'error',
    plugins: [installedPackagesStayOutside],
  });
}
