import { findWorkspace } from '@ebb/local/client';
import { Command } from 'commander';
import { print, printJson } from '../output.ts';

export const reset = (): Command =>
  new Command('reset')
    .description('Delete what the local runtime keeps in .ebb: events, databases, traces')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  ebb reset && ebb up')
    .action(async (options: { json?: boolean }) => {
      const { resetWorkspace } = await import('@ebb/local');
      const removed = resetWorkspace(findWorkspace(process.cwd()));
      if (options.json) printJson({ removed });
      else print(removed.length > 0 ? `deleted ${removed.join(', ')}` : 'nothing to delete');
    });
