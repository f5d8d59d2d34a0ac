import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openCluster } from './cluster.ts';
import { installation, ORDER_PLACED, type Installation } from './installation.fixture.ts';

const DRAW = { color: false, width: 120 };
const NAMESPACE = 'ebb';

let ebb: Installation;

beforeEach(async () => {
  ebb = await installation();
});
afterEach(async () => {
  await ebb.stop();
});

function open(changes: Parameters<Installation['server']['environment']>[0], context = 'kind-ebb', timeoutMs?: number) {
  const environment = ebb.server.environment(changes);
  return openCluster({ context, namespace: NAMESPACE, environment, ...(timeoutMs !== undefined && { timeoutMs }) });
}

describe('a kubeconfig', () => {
  it.each([
    ['nope', undefined, /there is no context "nope" in .*config \(there are: kind-ebb, half\)/],
    ['half', undefined, /the context "half" is of the cluster "gone", which .* has not/],
    ['kind-ebb', 'apiVersion: [', /config is no kubeconfig: /],
    ['kind-ebb', ' ', /config is no kubeconfig: it is empty/],
    ['kind-ebb', '{}', /there is no context "kind-ebb" in .* \(there are: none\)/],
  ])('that does not have %s, or is %j, is told in one sentence', (context, file, message) => {
    const opening = (): unknown => open(file === undefined ? {} : { file }, context);
    expect(opening).toThrow(message);
    expect(opening).toThrow(expect.objectContaining({ code: 'EBB_CONFIG' }));
  });

  it('that is not there is told in one sentence', () => {
    const at = (environment: Record<string, string>) => () =>
      openCluster({ context: 'kind-ebb', namespace: NAMESPACE, environment });
    expect(at({ KUBECONFIG: '/nowhere/config' })).toThrow('KUBECONFIG names /nowhere/config, which does not exist');
    expect(at({ HOME: '/nowhere' })).toThrow('there is no /nowhere/.kube/config, and KUBECONFIG is not set');
  });
});

describe('a plug-in for credentials', () => {
  const config = (script: string): string =>
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: ebb.server.url, 'insecure-skip-tls-verify': true } }],
      users: [
        {
          name: 'u',
          user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] } },
        },
      ],
      contexts: [{ name: 'kind-ebb', context: { cluster: 'c', user: 'u' } }],
    });

  it('is asked for them, and says what is wrong', async () => {
    const answer = JSON.stringify({ status: { token: 'a-token', expirationTimestamp: '2999-01-01T00:00:00Z' } });
    const status = await open({ file: config(`echo '${answer}'`) }).target.status();
    expect(status.services).toHaveLength(2);
    await expect(open({ file: config('echo log in first >&2; exit 1') }).target.status()).rejects.toThrow(
      'the credentials of context "kind-ebb" are not to be had: log in first',
    );
  });
});

describe('an API server', () => {
  it('that does not know who asks', async () => {
    await expect(open({ token: 'expired' }).target.status()).rejects.toThrow(
      /does not know who asks \(401\): the credentials of context "kind-ebb" have expired or are wrong/,
    );
    await expect(open({ token: 'expired' }).target.dead()).rejects.toThrow('(401)');
  });

  it.each([
    ['list services.serving.knative.dev', 'may not list services.serving.knative.dev in namespace "ebb" (403)'],
    ['list triggers.eventing.knative.dev', 'may not list triggers.eventing.knative.dev in namespace "ebb" (403)'],
    ['list deployments.apps', 'may not list deployments.apps in namespace "ebb" (403)'],
    ['list pods', 'may not list pods in namespace "ebb" (403)'],
  ])('that refuses to %s', async (forbidden, message) => {
    ebb.server.forbidden.add(forbidden);
    await expect(ebb.cluster.target.status()).rejects.toThrow(
      `context "kind-ebb" ${message}: docs/reference/cli-rbac.yaml`,
    );
  });

  it('that refuses a Secret, a tunnel or a Service', async () => {
    const { server, cluster } = ebb;
    server.forbidden.add('get secrets');
    await expect(cluster.target.dead()).rejects.toThrow('may not get secrets "ebb-operator" in namespace "ebb" (403)');
    server.forbidden.add('get pods/portforward');
    await expect(cluster.target.trace('e-1', DRAW)).rejects.toThrow(
      'may not create and get pods/portforward "jaeger" in namespace "observability" (403)',
    );
    server.forbidden.clear();
    server.forbidden.add('get services');
    await expect(open({}).target.publish({ type: ORDER_PLACED, example: true })).rejects.toThrow(
      'may not get services "kafka-broker-ingress" in namespace "knative-eventing" (403)',
    );
  });

  it('of a cluster without Knative', async () => {
    ebb.server.missing.add('serving.knative.dev');
    await expect(ebb.cluster.target.status()).rejects.toThrow(
      'the cluster of context "kind-ebb" has no services.serving.knative.dev: Knative Serving is not installed there',
    );
  });

  it('that nobody listens for', async () => {
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    await expect(open({ server: `http://127.0.0.1:${port}` }).target.status()).rejects.toThrow(
      /cannot be reached: (Error: )?connect ECONNREFUSED .*Does the cluster run\?/,
    );
  });

  it('that does not answer', async () => {
    ebb.server.isSilent = true;
    await expect(open({}, 'kind-ebb', 200).target.status()).rejects.toThrow(
      /cannot be reached: (Error: )?no answer within 0.2 s/,
    );
  });
});

describe('a namespace without Ebb', () => {
  it('is told', async () => {
    const environment = ebb.server.environment();
    const { target } = openCluster({ context: 'kind-ebb', namespace: 'empty', environment });
    const { problems } = await target.status();
    expect(problems?.[0]).toBe('nothing of Ebb is in namespace "empty"');
  });
});

describe('what is not in the cluster', () => {
  it('is named', async () => {
    ebb.server.remove('Service', 'jaeger-query');
    await expect(ebb.cluster.target.trace('e-1', DRAW)).rejects.toThrow(
      'there is no Service "jaeger-query" in namespace "observability"',
    );
    ebb.server.remove('Pod', 'receiver');
    await expect(ebb.cluster.target.publish({ type: ORDER_PLACED, example: true })).rejects.toThrow(
      'no pod with app=kafka-broker-ingress is ready in namespace "knative-eventing" (there is none)',
    );
  });
});
