import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { blocksOf } from './markdown.ts';
import { read, ROOT } from './repository.ts';
import { HAS_SHELL, runShell } from './shell.ts';

const GUIDE = 'docs/guides/cluster.md';

/** There is no cluster here, so each command is run as far as it gets without one: its words are checked, and what it names. */
const TRIALS: readonly (readonly [RegExp, (command: string) => void | Promise<void>])[] = [
  [/^k8s\//, (command) => succeeds(`${command} --dry-run`)],
  [/npm run images/, (command) => succeeds(command.endsWith('images') ? `${command} -- --list` : `${command} --list`)],
  [/^node k8s\/identity\.mjs /, (command) => succeeds(command.split(' | ')[0] ?? command)],
  [/^npx ebb /, reachesForTheCluster],
  [/^helm upgrade /, renders],
  [/^helm test /, (command) => succeeds(`${withHelm(command)} --help`)],
  [/^curl /, namesRoute],
  [/^kubectl .* port-forward /, namesManifest],
];

const lines = blocksOf(read(GUIDE))
  .filter(({ language }) => language === 'bash')
  .flatMap(({ text }) => text.split('\n'));

const fetched = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ebb/helm-4.1.4/helm');
const hasHelm = existsSync(fetched) || process.env.EBB_HELM_REQUIRED === '1';
const withHelm = (command: string): string => command.replace(/^helm/, `'${fetched}'`);

(HAS_SHELL ? describe : describe.skip)(`a command of ${GUIDE}`, () => {
  it('is found', () => expect(lines.length).toBeGreaterThan(8));

  for (const command of lines) {
    (command.startsWith('helm') && !hasHelm ? it.skip : it)(`holds: ${command}`, async () => {
      const [, hold] = TRIALS.find(([pattern]) => pattern.test(command)) ?? [];
      if (!hold) throw new Error('nothing is known about this command: say how it is tried');
      await hold(command);
    });
  }
});

async function succeeds(script: string): Promise<void> {
  expect(await runShell(script, ROOT)).toMatchObject({ code: 0 });
}

/** All of its words are right when what it complains of is the cluster. */
async function reachesForTheCluster(command: string): Promise<void> {
  const script = command.replace('<event id>', '0198b2f0-6f1c-7c3e-9d5a-3f2b1c4d5e6f');
  const { code, output } = await runShell(`KUBECONFIG=/nonexistent/config ${script}`, ROOT);
  expect(code).not.toBe(0);
  expect(output).toMatch(/no kubeconfig/);
}

/** The chart takes the same values. */
async function renders(command: string): Promise<void> {
  const offline = command
    .replace('helm upgrade --install', 'helm template')
    .replace(/ --kube-context \S+| --wait| --timeout \S+/g, '');
  await succeeds(`${withHelm(offline)} --set prerequisites.check=false`);
}

interface Catalogue {
  readonly entries: readonly { readonly name: string; readonly routes: readonly { readonly path: string }[] }[];
}

function namesRoute(command: string): void {
  const [, service, path = ''] = /http:\/\/([\w-]+)\.ebb\.localhost:8081(\/\S*)/.exec(command) ?? [];
  const { entries } = JSON.parse(read('helm/ebb/files/catalogue.json')) as Catalogue;
  const routes = entries.find(({ name }) => name === service)?.routes ?? [];
  const shapes = routes.map((route) => new RegExp(`^${route.path.replaceAll(/:\w+/g, '[^/]+')}$`));
  expect(shapes.some((shape) => shape.test(path))).toBe(true);
  expect(read('k8s/trial.yaml')).toContain(`  ${service ?? ''}: { public: true }`);
}

function namesManifest(command: string): void {
  const [, namespace = '', service = '', port = ''] = / -n (\S+) service\/(\S+) (\d+)$/.exec(command) ?? [];
  const manifest = read('k8s/manifests/jaeger.yaml');
  for (const part of [namespace, `name: ${service}`, `port: ${port}`]) expect(manifest).toContain(part);
}
