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
      if (options.chart !== undefined) {
        if (names.length > 0)
          throw new EbbError('EBB_USAGE', '--chart takes all services: values.yaml says which ones run');
        (await renderChart(options.chart)).forEach((file) => print(file));
        return;
      }
      const entries = await entriesOf(names);
      const resources = resourcesOf(entries, { namespace, image: (name) => `${imagePrefix}/${name}:${tag}` });
      if (options.json) resources.forEach(printJson);
      else print(toYaml(resources));
    });

/** Writes what a chart installs into its files, and returns their paths. @throws EbbError EBB_USAGE when the folder is no chart */
export async function renderChart(folder: string): Promise<readonly string[]> {
  if (!existsSync(join(folder, 'Chart.yaml')))
    throw new EbbError('EBB_USAGE', `${folder} is no Helm chart: it has no Chart.yaml`);
  return Object.entries(chartFilesOf(await entriesOf([]))).map(([path, text]) => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  });
}

async function entriesOf(names: readonly string[]): Promise<readonly CatalogueEntry[]> {
  const { describeApps } = await import('../apps.ts');
  return (await describeApps(findWorkspace(process.cwd()), names)).map(({ entry }) => entry);
}
