import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import type { Call } from './api-server.fixture.ts';
import { swiftClock } from './clock.fixture.ts';
import { prepareNamespace } from './deploy/prepare.ts';
import { waitUntilReady } from './deploy/wait.ts';
import { installation, ORDER_PLACED, TRACE_ID } from './installation.fixture.ts';
import { NAMESPACE } from './resources.fixture.ts';
import { canary } from './rollout/canary.ts';
import { holdTraffic } from './rollout/hold.ts';
import { rollback } from './rollout/rollback.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

interface Role {
  readonly kind: 'Role' | 'ClusterRole';
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules: readonly Rule[];
}

const FILE = new URL('../../../docs/reference/cli-rbac.yaml', import.meta.url);
const ROLES = parseAllDocuments(readFileSync(FILE, 'utf8')).map((document) => document.toJS() as Role);

const calls = new Map<string, readonly Call[]>();

/** What each command asks the API server for. */
beforeAll(async () => {
  const ebb = await installation();
  ebb.spans = [{ spanID: '00f067aa0ba902b7', instance: 'orders-00002@x:1' }];
  const { target, api, jaeger, relay } = ebb.cluster;
  const split = { api, namespace: NAMESPACE, clock: swiftClock() };
  const record = async (command: string, run: () => Promise<unknown>): Promise<void> => {
    ebb.server.calls.length = 0;
    await run();
    calls.set(command, [...ebb.server.calls]);
  };
  await record('status', () => target.status());
  await record('dead', async () => (await target.dead()).get('/dead'));
  await record('publish', () => target.publish({ type: ORDER_PLACED, example: true }));
  await record('trace', () => target.trace(TRACE_ID, { color: false, width: 100 }));
  await record('rollback', () => rollback({ ...split, service: 'orders' }));
  await record('canary', () =>
    canary({ ...split, service: 'orders', to: 'latest', steps: [100], stepMs: 1_000, maxErrors: 1, jaeger, relay }),
  );
  await record('deploy', async () => {
    await holdTraffic(split);
    ebb.server.remove('Secret', 'ebb-operator');
    await prepareNamespace(api, NAMESPACE);
    await waitUntilReady({ ...split, timeoutMs: 1_000 });
  });
  await ebb.stop();
});

/** The Roles that the file says each command needs. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  status: ['ebb-cli'],
  dead: ['ebb-cli'],
  publish: ['ebb-cli', 'ebb-publish'],
  trace: ['ebb-trace'],
  rollback: ['ebb-cli', 'ebb-rollout'],
  canary: ['ebb-cli', 'ebb-trace', 'ebb-rollout'],
  deploy: ['ebb-cli', 'ebb-rollout', 'ebb-deploy', 'ebb-deploy-namespace'],
};

function allows({ kind, metadata, rules }: Role, call: Call): boolean {
  return (kind === 'ClusterRole' || metadata.namespace === call.namespace) && rules.some((rule) => grants(rule, call));
}

function grants({ apiGroups, resources, resourceNames, verbs }: Rule, { verb, group, resource, name }: Call): boolean {
  const isNamed = resourceNames === undefined || (name !== undefined && resourceNames.includes(name));
  return apiGroups.includes(group) && resources.includes(resource) && verbs.includes(verb) && isNamed;
}

describe('the Roles for the command line', () => {
  it.each(Object.entries(NEEDS))('let %s do all that it does', (command, names) => {
    const roles = ROLES.filter(({ metadata }) => names.includes(metadata.name));
    const refused = calls.get(command)?.filter((call) => !roles.some((role) => allows(role, call)));
    expect(refused).toEqual([]);
  });

  it('allow nothing that no command does', () => {
    const all = [...calls.values()].flat();
    const single = ROLES.flatMap((role) =>
      role.rules.flatMap(({ apiGroups, resources, verbs, ...rest }) =>
        verbs.flatMap((verb) =>
          resources.map((resource) => ({ role, rule: { apiGroups, resources: [resource], verbs: [verb], ...rest } })),
        ),
      ),
    );
    const idle = single.filter(({ role, rule }) => !all.some((call) => allows({ ...role, rules: [rule] }, call)));
    expect(
      idle.map(({ role, rule }) => `${role.metadata.name}: ${rule.verbs.join()} ${rule.resources.join()}`),
    ).toEqual([]);
  });
});
