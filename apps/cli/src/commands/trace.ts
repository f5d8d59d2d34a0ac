import type { TraceReport } from '@ebb/local/client';
import { Command } from 'commander';
import { ControlClient } from '../client.ts';
import { print, printJson } from '../output.ts';

/** Nobody's window: what goes into a file or a pipe is not cut. */
const WIDE = 200;

export const trace = (): Command =>
  new Command('trace')
    .description('Show everything that an event caused, hop by hop')
    .argument('<id>', 'an event id or a trace id')
    .option('--json', 'print the spans as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  ebb trace 4bf92f3577b34da6a3ce929d0e0e4736\n  ebb trace <event id> --json | jq .spans',
    )
    .action(async (id: string, options: { json?: boolean }) => {
      const color = process.stdout.isTTY && !options.json ? '1' : '0';
      const width = String(process.stdout.columns || WIDE);
      const query = new URLSearchParams({ color, width }).toString();
      const report = await new ControlClient().get<TraceReport>(`/traces/${encodeURIComponent(id)}?${query}`);
      if (options.json) printJson(report);
      else print(report.text);
    });
