import { statSync } from 'node:fs';
import { join } from 'node:path';
import { findWorkspace } from '@ebb/local/client';
import { Command } from 'commander';
import pc from 'picocolors';
import { print, printJson } from '../output.ts';

export const build = (): Command =>
  new Command('build')
    .description('Build services, each into one file that runs here and in an image')
    .argument('[services...]', 'which ones (default: all)')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExamples:\n  ebb build\n  ebb build orders')
    .action(async (names: string[], options: { json?: boolean }) => {
      // The bundler is loaded only by the commands that build.
      const { buildApps } = await import('../apps.ts');
      for (const { name, directory, main, hash } of await buildApps(findWorkspace(process.cwd()), names)) {
        const bytes = statSync(join(directory, 'bundle.cjs')).size;
        if (options.json) printJson({ name, main, hash, bytes });
        else print(`${pc.green('built')} ${name}  ${(bytes / 1024).toFixed(0)} kB  ${pc.dim(main)}`);
      }
    });
