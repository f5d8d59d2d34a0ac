import { Command } from 'commander';
import { discard } from './discard.ts';
import { edit } from './edit.ts';
import { list } from './list.ts';
import { redrive } from './redrive.ts';
import { show } from './show.ts';

export const dead = (): Command => {
  const command = new Command('dead')
    .description('Look after events that did not take effect: parked ones and dead letters')
    .addHelpText(
      'after',
      `
Each command takes --json. "ebb dead <command> --help" has its options.

Examples:
  ebb dead list
  ebb dead show orders:17
  ebb dead redrive orders:17 --dry-run
  ebb dead redrive --reason budget --since 1h --rate 20`,
    );
  for (const sub of [list, show, redrive, edit, discard]) command.addCommand(sub().exitOverride());
  return command;
};
