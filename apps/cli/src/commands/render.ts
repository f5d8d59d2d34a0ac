import { EbbError } from '@ebb/core';
import { resourcesOf, toYaml } from '@ebb/knative';
import { findWorkspace } from '@ebb/local/client';
import { Command, Option } from 'commander';
import { print, printJson } from '../output.ts';

interface Options {
  namespace: string;
  imagePrefix: string;
  tag: string;
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
    .option('--json', 'print one JSON document per line')
    .addHelpText(
      'after',
      '\nExamples:\n  ebb render > resources.yaml\n  ebb render orders --namespace shop --tag 1.2.0',
    )
    .action(async (names: string[], options: Options) => {
      const { namespace, imagePrefix, tag } = options;
      if (!NAMESPACE.test(namespace)) throw new EbbError('EBB_USAGE', `"${namespace}" is no Kubernetes namespace name`);
      const { describeApps } = await import('../apps.ts');
      const apps = await describeApps(findWorkspace(process.cwd()), names);
      const resources = resourcesOf(
        apps.map(({ entry }) => entry),
        { namespace, image: (name) => `${imagePrefix}/${name}:${tag}` },
      );
      if (options.json) resources.forEach(printJson);
      else print(toYaml(resources));
    });
