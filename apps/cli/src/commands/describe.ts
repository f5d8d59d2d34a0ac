import type { CatalogueEntry, FunctionEntry } from '@ebb/catalogue';
import { humanDuration } from '@ebb/core';
import { findWorkspace } from '@ebb/local/client';
import { Command } from 'commander';
import pc from 'picocolors';
import { print, printJson } from '../output.ts';

export const describe = (): Command =>
  new Command('describe')
    .description('Show what services are made of: functions, events in and out, routes, settings')
    .argument('[services...]', 'which ones (default: all)')
    .option('--json', 'print the catalogue entries, one per line')
    .addHelpText('after', '\nExamples:\n  ebb describe\n  ebb describe inventory --json | jq .functions')
    .action(async (names: string[], options: { json?: boolean }) => {
      const { describeApps } = await import('../apps.ts');
      for (const { entry } of await describeApps(findWorkspace(process.cwd()), names)) {
        if (options.json) printJson(entry);
        else print(summaryOf(entry));
      }
    });

function summaryOf(entry: CatalogueEntry): string {
  const settings = entry.settings.map(
    ({ name, required, description }) => `  ${name}${required ? '' : '?'}  ${pc.dim(description)}`,
  );
  return [
    `${pc.bold(entry.name)} ${pc.dim(`${entry.kind}, version ${entry.version}`)}`,
    ...entry.functions.flatMap(functionLines),
    ...entry.routes.map(
      ({ method, path, summary, emits }) =>
        `  route ${pc.cyan(`${method} ${path}`)} ${pc.dim(summary)}${emitsLine(emits)}`,
    ),
    ...entry.schedules.map(({ name, cron }) => `  schedule ${pc.cyan(name)} ${cron}`),
    ...(settings.length > 0 ? ['  settings', ...settings.map((line) => `  ${line}`)] : []),
    '',
  ].join('\n');
}

function functionLines({ name, on, emits, timeoutMs, concurrency, order, effect }: FunctionEntry): string[] {
  const limits = pc.dim(`${effect}, ${order}, timeout ${humanDuration(timeoutMs)}, concurrency ${concurrency}`);
  return [`  function ${pc.cyan(name)} ${limits}`, `    on ${on.join(', ')}${emitsLine(emits)}`];
}

function emitsLine(emits: readonly string[]): string {
  return emits.length === 0 ? '' : `\n    emits ${emits.join(', ')}`;
}
