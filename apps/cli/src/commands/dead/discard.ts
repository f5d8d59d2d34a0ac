import { EbbError } from '@ebb/core';
import type { DeadClient, DeadPage } from '@ebb/local/client';
import { Command } from 'commander';
import pc from 'picocolors';
import { print, printJson } from '../../output.ts';
import { targetOf, withTarget, type TargetOptions } from '../../target/target.ts';
import { givenText } from '../given-text.ts';
import { filterOf, isEmpty, queryOf, withFilter, type FilterOptions } from './filter.ts';

interface Options extends FilterOptions, TargetOptions {
  note: string;
  dryRun?: boolean;
  json?: boolean;
}

const PAGE = '500';

export const discard = (): Command =>
  withTarget(
    withFilter(
      new Command('discard')
        .description('Close one of them for good, or all that match: it never takes effect')
        .argument('[id]', 'its id, such as orders:17; without it, all that the options choose', givenText),
    ),
  )
    .requiredOption('--note <text>', 'why, for whoever looks at it later')
    .option('--dry-run', 'only list what would be discarded')
    .option('--json', 'print one JSON document per line')
    .addHelpText(
      'after',
      "\nExamples:\n  ebb dead discard orders:17 --note 'a test order'\n  ebb dead discard --type 'dev.ebb.test.*' --note 'tests' --dry-run",
    )
    .action(async (id: string | undefined, options: Options) => {
      const filter = filterOf(options, Date.now());
      if ((id === undefined) === isEmpty(filter))
        throw new EbbError('EBB_USAGE', 'which ones? Give either an id, or options such as --reason and --function');
      const client = await (await targetOf(options)).dead();
      // All of them first: what is discarded makes room in the pages.
      const ids = id === undefined ? await matching(client, queryOf(filter)) : [id];
      for (const each of ids) {
        if (!options.dryRun) await client.post(`/dead/${encodeURIComponent(each)}/discard`, { note: options.note });
        if (options.json) printJson({ id: each });
        else if (options.dryRun) print(`would discard ${each}`);
        else print(`${pc.green('discarded')} ${each}`);
      }
      if (ids.length === 0 && !options.json) print('Nothing matches.');
    });

async function matching(client: DeadClient, query: string): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor = '';
  do {
    const page = await client.get<DeadPage>(`/dead?${query}&limit=${PAGE}${cursor}`);
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.next === undefined ? '' : `&cursor=${page.next}`;
  } while (cursor !== '');
  return ids;
}
