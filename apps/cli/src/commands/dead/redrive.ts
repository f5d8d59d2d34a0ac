import { EbbError, systemClock } from '@ebb/core';
import type {
  DeadClient,
  DeadCounts,
  DeadFilter,
  DryRunReport,
  RedrivePage,
  RedriveRequest,
  RedriveResult,
} from '@ebb/local/client';
import { Command } from 'commander';
import pc from 'picocolors';
import { print, printJson } from '../../output.ts';
import { targetOf, withTarget, type TargetOptions } from '../../target/target.ts';
import { printDryRun } from './dry-run.ts';
import { givenText } from '../given-text.ts';
import { filterOf, isEmpty, queryOf, withFilter, type FilterOptions } from './filter.ts';
import { countOf } from './number.ts';
import { isOfOutbox } from './outbox.ts';
import { Pace } from './pace.ts';

interface Options extends FilterOptions, TargetOptions {
  all?: boolean;
  dryRun?: boolean;
  rate: string;
  force?: boolean;
  json?: boolean;
}

const MAX_RATE = 10_000;

export const redrive = (): Command =>
  withTarget(
    withFilter(
      new Command('redrive')
        .description('Send one of them to its function again, or all that match')
        .argument('[id]', 'its id, such as orders:17; without it, all that the options choose', givenText),
    ),
  )
    .option('--all', 'all of them, without any other option')
    .option('--dry-run', 'of one: run the handler, show what it would write, and roll back; of many: only count')
    .option('--rate <n>', 'so many per second', '50')
    .option('--force', 'also those that were sent again too often, or are on their way')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      `
Examples:
  ebb dead redrive orders:17 --dry-run
  ebb dead redrive orders:17
  ebb dead redrive --reason budget --since 1h --dry-run
  ebb dead redrive --function reserve-stock --rate 20`,
    )
    .action(async (id: string | undefined, options: Options) => {
      const filter = filterOf(options, Date.now());
      const rate = countOf('--rate', options.rate, MAX_RATE);
      if (id !== undefined && (options.all || !isEmpty(filter)))
        throw new EbbError('EBB_USAGE', 'give an id, or options that choose among all, but not both');
      if (id === undefined && !options.all && isEmpty(filter))
        throw new EbbError('EBB_USAGE', 'which ones? Give an id, options such as --reason and --function, or --all');
      const client = await (await targetOf(options)).dead();
      if (id !== undefined) await redriveOne(client, id, options);
      else if (options.dryRun) await count(client, filter, options);
      else await redriveMany(client, filter, rate, options);
    });

async function redriveOne(client: DeadClient, id: string, { dryRun, force, json }: Options): Promise<void> {
  const path = `/dead/${encodeURIComponent(id)}`;
  if (dryRun) {
    const report = await client.post<DryRunReport>(`${path}/dry-run`, {});
    if (json) printJson(report);
    else printDryRun(id, report);
    return;
  }
  const result = await client.post<RedriveResult>(`${path}/redrive`, { force: force ?? false });
  if (json) printJson(result);
  else if (result.outcome === 'done') print(`${pc.green('done')} ${id} was delivered`);
  else
    print(
      `${pc.green('sent')} ${id} to its ${isOfOutbox(id) ? 'topic' : 'function'} again\n${pc.dim(`  see what comes of it: npx ebb dead show ${id}`)}`,
    );
}

async function count(client: DeadClient, filter: DeadFilter, { json }: Options): Promise<void> {
  const counts = await client.get<DeadCounts>(`/dead/count?${queryOf(filter)}`);
  if (json) {
    printJson(counts);
    return;
  }
  print(`${counts.redrivable} event(s) would be sent again.`);
  for (const [reason, number] of Object.entries(counts.waiting)) print(`  ${reason.padEnd(16)} ${number}`);
  if (counts.onTheirWay > 0) print(`  ${'on their way'.padEnd(16)} ${counts.onTheirWay}`);
}

async function redriveMany(client: DeadClient, filter: DeadFilter, rate: number, options: Options): Promise<void> {
  const pace = new Pace(rate, systemClock);
  const outcomes = new Map<string, number>();
  let after: string | undefined;
  do {
    const body: RedriveRequest = {
      ...filter,
      limit: pace.batch,
      ...(options.force && { force: true }),
      ...(after !== undefined && { after }),
    };
    const { results, next } = await client.post<RedrivePage>('/dead/redrive', body);
    for (const result of results) {
      outcomes.set(result.outcome, (outcomes.get(result.outcome) ?? 0) + 1);
      if (options.json) printJson(result);
    }
    after = next;
    if (after !== undefined) await pace.spent(results.length);
  } while (after !== undefined);
  if (!options.json) printOutcomes(outcomes);
}

function printOutcomes(outcomes: ReadonlyMap<string, number>): void {
  const sent = (outcomes.get('redriven') ?? 0) + (outcomes.get('done') ?? 0);
  if (outcomes.size === 0) print('Nothing matches.');
  else print(`${pc.green('sent')} ${sent} event(s) again`);
  for (const [outcome, number] of outcomes) {
    if (outcome !== 'redriven' && outcome !== 'done') print(`  ${number} not: ${outcome}`);
  }
}
