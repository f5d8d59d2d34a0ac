import { EbbError } from '@ebb/core';
import { Command } from 'commander';
import pc from 'picocolors';
import { print, printJson } from '../output.ts';
import { clusterFor, withCluster, type TargetOptions } from '../target/target.ts';
import { sharesText } from '../target/shares.ts';

interface Options extends TargetOptions {
  to?: string;
  percent: string;
  json?: boolean;
}

const REST = 'the rest stays with the revision that has most of them';

export const rollback = (): Command =>
  withCluster(
    new Command('rollback').description(
      'Send requests to another revision of a service, at once and without a deployment',
    ),
  )
    .argument('<service>', 'the service, such as orders')
    .option('--to <revision>', 'the revision, or latest to follow the newest again (default: the one before)')
    .option('--percent <n>', `its share of the requests; ${REST}`, '100')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      `
Examples:
  ebb rollback orders --context kind-ebb
  ebb rollback orders --to orders-00003 --percent 50 --context kind-ebb
  ebb rollback orders --to latest --context kind-ebb`,
    )
    .action(async (service: string, options: Options) => {
      const percent = percentOf('--percent', options.percent);
      const { api, namespace } = await clusterFor(options);
      const { rollback: change } = await import('@ebb/cluster');
      const { to } = options;
      const result = await change({ api, namespace, service, percent, ...(to !== undefined && { to }) });
      if (options.json) {
        printJson(result);
        return;
      }
      print(`${pc.green('done')} ${service}: ${sharesText(result.before)} → ${sharesText(result.traffic)}`);
      if (!result.followsLatest)
        print(
          pc.dim(
            `  new revisions get no requests until: npx ebb rollback ${service} --to latest --context ${options.context ?? ''}`,
          ),
        );
    });

/** @throws EbbError EBB_USAGE */
export function percentOf(option: string, text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= 100) return number;
  throw new EbbError('EBB_USAGE', `${option} ${text}: must be a whole number from 1 to 100`);
}
