import { EbbError } from '@ebb/core';
import { findWorkspace } from '@ebb/local/client';
import { GATEWAY_ANSWERS, isPublic, openApiOf } from '@ebb/openapi';
import { Command, Option } from 'commander';
import { print } from '../output.ts';

interface Options {
  all?: boolean;
  title: string;
  apiVersion: string;
  server: readonly string[];
}

export const openapi = (): Command =>
  new Command('openapi')
    .description('Print the HTTP API of services as an OpenAPI 3.1 document')
    .argument('[services...]', 'whose (default: all)')
    .option('--all', 'also what is not reached through the gateway')
    .addOption(new Option('--title <text>', 'what the API is called').default('API'))
    .addOption(new Option('--api-version <text>', 'the version of the API').default('0.0.0'))
    .addOption(new Option('--server <url>', 'where it is served; can be repeated').argParser(collect).default([], '/'))
    .addHelpText(
      'after',
      '\nExamples:\n  ebb openapi > openapi.json\n  ebb openapi orders --all\n  ebb openapi --title Shop --server https://api.example.com',
    )
    .action(async (names: string[], { all = false, title, apiVersion, server }: Options) => {
      const { describeApps } = await import('../apps.ts');
      const entries = (await describeApps(findWorkspace(process.cwd()), names)).map(({ entry }) => entry);
      const document = openApiOf(entries, {
        ...{ title, version: apiVersion },
        servers: (server.length === 0 ? ['/'] : server).map((url) => ({ url })),
        ...(!all && { includes: isPublic, further: GATEWAY_ANSWERS }),
      });
      print(JSON.stringify(document, undefined, 2));
    });

/** @throws EbbError EBB_USAGE */
function collect(url: string, before: readonly string[]): readonly string[] {
  if (!url.startsWith('/') && !URL.canParse(url)) {
    throw new EbbError('EBB_USAGE', `"${url}" is no URL: give one like https://api.example.com, or a path`);
  }
  return [...before, url];
}
