// Runs a TypeScript entry of this workspace: node tools/run.mjs <file.ts> [arguments].
import { spawn } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const workspace = dirname(dirname(fileURLToPath(import.meta.url)));
const [entry, ...rest] = process.argv.slice(2);
const outdir = join(workspace, 'tmp/run', entry.replaceAll(/[^a-z0-9]+/gi, '-'));

await bundle(entry, outdir);
const child = spawn(
  process.execPath,
  ['--enable-source-maps', join(outdir, `${basename(entry, '.ts')}.mjs`), ...rest],
  { stdio: 'inherit' },
);
// Whoever ends this process means the entry, which may have something to put away. A terminal tells both of them by itself.
process.on('SIGTERM', () => child.kill('SIGTERM'));
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => undefined);
child.once('exit', (code) => process.exit(code ?? 1));
