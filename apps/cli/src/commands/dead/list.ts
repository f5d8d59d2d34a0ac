import { humanDuration } from '@ebb/core';
import type { DeadPage, DeadSummary } from '@ebb/local/client';
import { Command } from 'commander';
import pc from 'picocolors';
import { print, printable, printJson, table } from '../../output.ts';
import { targetOf, withTarget, type TargetOptions } from '../../target/target.ts';
import { filterOf, queryOf, withFilter, type FilterOptions } from './filter.ts';
import { countOf } from './number.ts';

interface Options extends FilterOptions, TargetOptions {
  all?: boolean;
  limit: string;
  json?: boolean;
}

const MAX_LIMIT = 100_000;
const PAGE = 500;
const MESSAGE_WIDTH = 60;

export const list = (): Command =>
  withTarget(withFilter(new Command('list').description('List events that did not take effect, the newest first')))
    .option('--all', 'also those that are over')
    .option('--limit <n>', 'at most so many', '50')
    .option('--json', 'print one JSON document per line')
    .addHelpText(
      'after',
      '\nExamples:\n  ebb dead list\n  ebb dead list --function reserve-stock --since 1h\n  ebb dead list --json | jq -r .id',
    )
    .action(async (options: Options) => {
      const limit = countOf('--limit', options.limit, MAX_LIMIT);
      const filter = { ...filterOf(options, Date.now()), ...(options.all && { closed: true }) };
      const client = await (await targetOf(options)).dead();
      const items: DeadSummary[] = [];
      let cursor: string | undefined;
      do {
        const size = String(Math.min(PAGE, limit - items.length));
        const query = queryOf(filter, { limit: size, ...(cursor !== undefined && { cursor }) });
        const page = await client.get<DeadPage>(`/dead?${query}`);
        if (options.json) page.items.forEach(printJson);
        items.push(...page.items);
        cursor = page.next;
      } while (cursor !== undefined && items.length < limit);
      if (!options.json) printItems(items, cursor !== undefined);
    });

function printItems(items: readonly DeadSummary[], isMore: boolean): void {
  if (items.length === 0) {
    print('Nothing is parked.');
    return;
  }
  const head = ['ID', 'REASON', 'STATE', 'FUNCTION', 'TYPE', 'KEY', 'TRIES', 'SINCE', 'ERROR'];
  print(table(head, items.map(rowOf)));
  if (isMore) print(pc.dim('There are more: --limit shows them.'));
}

function rowOf(item: DeadSummary): string[] {
  const { id, reason, state, target, type, key = '-', attempts, redrives, parkedAt, message } = item;
  const tries = redrives > 0 ? `${attempts} (sent again ${redrives})` : String(attempts);
  const age = humanDuration(Math.max(0, Date.now() - Date.parse(parkedAt)));
  const text = message.length > MESSAGE_WIDTH ? `${message.slice(0, MESSAGE_WIDTH - 1)}…` : message;
  return [id, reason, state, printable(target), printable(type), printable(key), tries, age, printable(text)];
}
