import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CatalogueEntry } from '@ebb/catalogue';
import { EbbError } from '@ebb/core';
import { chartFilesOf, resourcesOf, toYaml } from '@ebb/knative';
import { findWorkspace } from '@ebb/local/client';
import { Command, Option } from 'commander';
import { print, printJson } from '../output.ts';

interface Options {
  namespace: string;
  imagePrefix: string;
  tag: string;
  chart?: string;
  json?: boolean;
}

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

export const render = (): Command =>
  new Command('render')
    .description('Write the Knative resources that the definitions give, as YAML')
    .argument('[services...]', 'which ones (default: all)')
    .addOption(new Option('--namespace <name>', 'Kubernetes namespace').default('default'))
    .addOption(new Option('--image-prefix <prefix>', 'registry and repository of the images').default('dev.local'))
    .addOption(new Option('--tag <tag>', 'tag of the images').default('dev'))
    .option('--chart <folder>', 'write what this Helm chart installs into its files/, instead of printing')
    .option('--json', 'print one JSON document per line')
    .addHelpText(
      'after',
      '\nExamples:\n  ebb render > resources.yaml\n  ebb render orders --namespace shop --tag 1.2.0\n  ebb render --chart helm/ebb',
    )
    .action(async (names: string[], options: Options) => {
      const { namespace, imagePrefix, tag } = options;
      if (!NAMESPACE.test(namespace)) throw new EbbError('EBB_USAGE', `"${namespace}" is no Kubernetes namespace name`);
      if (options.chart !== undefined) assertChart(options.chart, names);
      const { describeApps } = await import('../apps.ts');
      const apps = await describeApps(findWorkspace(process.cwd()), names);
      const entries = apps.map(({ entry }) => entry);
      if (options.chart !== undefined) {
        writeChart(options.chart, entries);
        return;
      }
      const resources = resourcesOf(entries, { namespace, image: (name) => `${imagePrefix}/${name}:${tag}` });
      if (options.json) resources.forEach(printJson);
      else print(toYaml(resources));
    });

function assertChart(folder: string, names: readonly string[]): void {
  if (names.length > 0) throw new EbbError('EBB_USAGE', '--chart takes all services: values.yaml says which ones run');
  if (existsSync(join(folder, 'Chart.yaml'))) return;
  throw new EbbError('EBB_USAGE', `${folder} is no Helm chart: it has no Chart.yaml`);
}

function writeChart(folder: string, entries: readonly CatalogueEntry[]): void {
  for (const [path, text] of Object.entries(chartFilesOf(entries))) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    print(file);
  }
}
