import type { DeadDetail } from '@ebb/local/client';
import { Command } from 'commander';
import pc from 'picocolors';
import { givenText } from '../given-text.ts';
import { print, printable, printJson } from '../../output.ts';
import { targetOf, withTarget, type TargetOptions } from '../../target/target.ts';
import { isOfOutbox } from './outbox.ts';
import { withSourcePlaces } from './source-places.ts';

export const show = (): Command =>
  withTarget(
    new Command('show').description('Show one of them: its error with the stack, its payload, its headers, its trace'),
  )
    .argument('<id>', 'its id, such as orders:17', givenText)
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExamples:\n  ebb dead show orders:17\n  ebb dead show orders:17 --json | jq .event.data')
    .action(async (id: string, options: TargetOptions & { json?: boolean }) => {
      const client = await (await targetOf(options)).dead();
      const detail = await client.get<DeadDetail>(`/dead/${encodeURIComponent(id)}`);
      if (options.json) printJson(detail);
      else printDetail(detail);
    });

function printDetail(detail: DeadDetail): void {
  const { data, ...attributes } = detail.event;
  print(`${pc.bold(detail.id)} ${stateOf(detail)}`);
  for (const [name, value] of fieldsOf(detail)) print(`  ${name.padEnd(WIDTH)}  ${printable(value)}`);
  section('Error', withSourcePlaces(detail.error, new Date(detail.parkedAt)));
  section('Attributes', namesAndValues(attributes));
  if (data !== undefined) section('Data', JSON.stringify(data, undefined, 2));
  if (Object.keys(detail.headers).length > 0) section('Headers', namesAndValues(detail.headers));
  const { id } = detail;
  if (detail.state !== 'waiting') return;
  const tryIt = isOfOutbox(id) ? [] : [`Try it: npx ebb dead redrive ${id} --dry-run`];
  print(pc.dim(['', ...tryIt, `Send it: npx ebb dead redrive ${id}`].join('\n')));
}

const WIDTH = 'business key'.length;

function stateOf({ state, reason }: DeadDetail): string {
  return state === 'waiting' ? pc.yellow(`parked: ${reason}`) : `${state} (was parked: ${reason})`;
}

function fieldsOf(detail: DeadDetail): [name: string, value: string][] {
  const { target, type, key, attempts, redrives, parkedAt, availableAt, redrivenAt, closedAt } = detail;
  const { traceId, businessKey, replaces, note } = detail;
  const fields: [string, string | undefined][] = [
    [isOfOutbox(detail.id) ? 'to' : 'function', target],
    ['type', type],
    ['key', key],
    ['business key', businessKey],
    ['attempts', String(attempts)],
    ['sent again', redrives > 0 ? `${redrives} time(s)` : undefined],
    ['parked at', parkedAt],
    ['due at', availableAt],
    ['sent on at', redrivenAt],
    ['closed at', closedAt],
    ['note', note],
    ['edited from', replaces],
    ['trace', traceId === undefined ? undefined : `${traceId} (npx ebb trace ${traceId})`],
  ];
  return fields.filter((field): field is [string, string] => field[1] !== undefined);
}

function namesAndValues(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('\n');
}

function section(title: string, text: string): void {
  print(`\n${pc.bold(title)}`);
  for (const line of text.split('\n')) print(`  ${printable(line)}`);
}
