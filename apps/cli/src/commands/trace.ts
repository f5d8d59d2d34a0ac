import { Command } from 'commander';
import { givenText } from './given-text.ts';
import { print, printJson } from '../output.ts';
import { targetOf, withJaeger, withTarget, type TargetOptions } from '../target/target.ts';

/** Nobody's window: what goes into a file or a pipe is not cut. */
const WIDE = 200;

export const trace = (): Command =>
  withJaeger(withTarget(new Command('trace').description('Show everything that an event caused, hop by hop')))
    .argument('<id>', 'an event id or a trace id', givenText)
    .option('--json', 'print the spans as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  ebb trace 4bf92f3577b34da6a3ce929d0e0e4736\n  ebb trace <event id> --json | jq .spans\n  ebb trace <event id> --context kind-ebb',
    )
    .action(async (id: string, options: TargetOptions & { json?: boolean }) => {
      const color = process.stdout.isTTY && !options.json;
      const report = await (await targetOf(options)).trace(id, { color, width: process.stdout.columns || WIDE });
      if (options.json) printJson(report);
      else print(report.text);
    });
