import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Cluster, Waiting } from '@ebb/cluster';
import { durationMs, EbbError, systemClock } from '@ebb/core';
import { findWorkspace } from '@ebb/local/client';
import { Command } from 'commander';
import pc from 'picocolors';
import { print, printJson } from '../../output.ts';
import { createProgress } from '../../progress.ts';
import { clusterFor, withCluster, type TargetOptions } from '../../target/target.ts';
import { renderChart } from '../render.ts';
import { helmVersion, upgrade, type Upgrade } from './helm.ts';

interface Options extends TargetOptions {
  release: string;
  chart?: string;
  values?: string[];
  set?: string[];
  timeout: string;
  hold?: boolean;
  render: boolean;
  dryRun?: boolean;
  json?: boolean;
}

const CHART = join('helm', 'ebb');

export const deploy = (): Command =>
  withCluster(
    new Command('deploy').description(
      'Install or upgrade everything in a cluster with Helm, and wait until it is ready',
    ),
  )
    .option('--release <name>', "Helm's name for the installation", 'ebb')
    .option('--chart <folder>', `the chart (default: ${CHART} of the workspace)`)
    .option('-f, --values <file>', 'values for the chart (repeatable)', collect)
    .option('--set <assignment>', 'one value for the chart, as name=value (repeatable)', collect)
    .option('--timeout <time>', 'how long it may take until everything is ready', '10m')
    .option('--hold', 'keep requests with the revisions that have them now: ebb canary moves them')
    .option('--no-render', 'leave the chart as it is, instead of writing what the definitions say into it first')
    .option('--dry-run', 'let Helm print what it would install')
    .option('--json', 'print progress as JSON, one document per line')
    .addHelpText(
      'after',
      `
Examples:
  ebb deploy --context kind-ebb
  ebb deploy --context production -f values-production.yaml --set image.tag=1.4.0 --hold`,
    )
    .action(async (options: Options) => {
      const timeoutMs = timeoutOf(options.timeout);
      const chart = chartOf(options);
      const cluster = await clusterFor(options);
      await helmVersion();
      const progress = createProgress(options.json ?? false);
      const step = async <T>(label: string, run: () => Promise<T>): Promise<T> => {
        progress.show({ kind: 'step', label });
        const startedAt = Date.now();
        const result = await run();
        progress.show({ kind: 'step', label, durationMs: Date.now() - startedAt });
        return result;
      };
      try {
        await deployTo(cluster, { ...options, chart, timeoutMs }, step, progress.show);
      } finally {
        progress.done();
      }
    });

type Step = <T>(label: string, run: () => Promise<T>) => Promise<T>;
type Show = ReturnType<typeof createProgress>['show'];
type Plan = Omit<Options, 'chart'> & { readonly chart: string; readonly timeoutMs: number };

async function deployTo(cluster: Cluster, plan: Plan, step: Step, show: Show): Promise<void> {
  const { api, namespace } = cluster;
  const { heldServices, holdTraffic, prepareNamespace, waitUntilReady } = await import('@ebb/cluster');
  if (plan.render) await step('Chart', () => renderChart(plan.chart));
  if (plan.dryRun) {
    print(await upgrade(upgradeOf(cluster, plan)));
    return;
  }
  if (await prepareNamespace(api, namespace))
    show({ kind: 'note', message: `made the Secret ebb-operator in namespace ${namespace}` });
  if (plan.hold) {
    const held = await holdTraffic({ api, namespace });
    for (const service of held) show({ kind: 'note', message: `${service} keeps its requests where they are` });
  }
  const startedAt = systemClock.now();
  await step('Helm', () => upgrade(upgradeOf(cluster, plan)));
  const left = Math.max(0, plan.timeoutMs - (systemClock.now() - startedAt));
  const { total } = await waitUntilReady({ api, namespace, timeoutMs: left, onProgress: showWaiting(show) });
  show({ kind: 'note', message: `${total} resources are ready` });
  for (const service of await heldServices({ api, namespace })) {
    const command = `npx ebb canary ${service} --context ${api.connection.context}`;
    show({ kind: 'warning', message: `${service}: new revisions get no requests; move them with: ${command}` });
  }
  if (plan.json) printJson({ event: 'deployed', context: api.connection.context, namespace, resources: total });
  else print(`${pc.green('Deployed')} to ${api.connection.context}, namespace ${namespace}.`);
}

function upgradeOf({ api, namespace }: Cluster, plan: Plan): Upgrade {
  const { release, chart, values = [], set = [], timeout, dryRun = false } = plan;
  return { release, chart, context: api.connection.context, namespace, values, set, timeout, dryRun };
}

/** What is waited for, whenever that changes. */
function showWaiting(show: Show): (waiting: Waiting) => void {
  let last = '';
  return ({ ready, total, pending }) => {
    const [first] = pending;
    if (!first) return;
    const more = pending.length > 1 ? ` (and ${pending.length - 1} more)` : '';
    const message = `${ready} of ${total} ready; waiting for ${first.resource}: ${first.reason}${more}`;
    if (message !== last) show({ kind: 'note', message });
    last = message;
  };
}

/** @throws EbbError EBB_USAGE when there is no chart */
function chartOf({ chart }: Options): string {
  const folder = chart === undefined ? join(findWorkspace(process.cwd()), CHART) : resolve(chart);
  if (existsSync(join(folder, 'Chart.yaml'))) return folder;
  throw new EbbError('EBB_USAGE', `${folder} is no Helm chart: it has no Chart.yaml`);
}

function timeoutOf(text: string): number {
  // Helm's durations are Go's: a number with its unit.
  if (!/^\d+[smh]$/.test(text)) throw new EbbError('EBB_USAGE', `--timeout ${text}: must be a span like 90s or 10m`);
  return durationMs(text);
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
