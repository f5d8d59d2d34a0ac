// Runs a TypeScript entry of this workspace: node tools/run.mjs <file.ts> [arguments].
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const workspace = dirname(dirname(fileURLToPath(import.meta.url)));
const [entry, ...rest] = process.argv.slice(2);
const outdir = join(workspace, 'tmp/run');
mkdirSync(outdir, { recursive: true });
const outfile = join(outdir, `${basename(dirname(dirname(entry)))}-${basename(entry, '.ts')}.mjs`);

// Our own packages are TypeScript and go in; what is installed stays outside.
await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  sourcemap: 'inline',
  logLevel: 'error',
  plugins: [
    {
      name: 'installed-packages-stay-outside',
      setup: ({ onResolve }) =>
        onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
          kind === 'entry-point' || path.startsWith('@ebb/') ? undefined : { path, external: true },
        ),
    },
  ],
});
const { status } = spawnSync(process.execPath, ['--enable-source-maps', outfile, ...rest], { stdio: 'inherit' });
process.exit(status ?? 1);
