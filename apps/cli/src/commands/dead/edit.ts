import type { EditReceipt, EditRequest } from '@ebb/local/client';
import { Command } from 'commander';
import pc from 'picocolors';
import { givenData } from '../../given-data.ts';
import { givenText } from '../given-text.ts';
import { print, printJson } from '../../output.ts';
import { targetOf, withTarget, type TargetOptions } from '../../target/target.ts';

interface Options extends TargetOptions {
  data?: string;
  file?: string;
  note?: string;
  json?: boolean;
}

export const edit = (): Command =>
  withTarget(
    new Command('edit').description(
      'Send a new event with another payload in the place of one; the payload is checked against the schema first',
    ),
  )
    .argument('<id>', 'its id, such as orders:17', givenText)
    .option('--data <json>', 'the payload, as JSON')
    .option('--file <path>', 'read the payload from a file')
    .option('--note <text>', 'why, for whoever looks at it later')
    .option('--json', 'print the receipt as JSON')
    .addHelpText(
      'after',
      `
Examples:
  ebb dead show orders:17 --json | jq .event.data > payload.json
  ebb dead edit orders:17 --file payload.json --note 'quantity was negative'`,
    )
    .action(async (id: string, options: Options) => {
      const client = await (await targetOf(options)).dead();
      const data = await givenData(options);
      const { note } = options;
      const body: EditRequest = { data, ...(note !== undefined && { note }) };
      const receipt = await client.post<EditReceipt>(`/dead/${encodeURIComponent(id)}/edit`, body);
      if (options.json) printJson(receipt);
      else printReceipt(receipt);
    });

function printReceipt({ id, eventId, successor }: EditReceipt): void {
  print(`${pc.green('sent')} the edited event in the place of ${id}`);
  print(`  id     ${eventId}`);
  if (successor !== undefined) print(pc.dim(`  see what comes of it: npx ebb dead show ${successor}`));
}
