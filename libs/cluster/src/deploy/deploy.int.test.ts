import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { swiftClock } from '../clock.fixture.ts';
import { openCluster } from '../cluster.ts';
import { installation, type Installation } from '../installation.fixture.ts';
import { broker, deployment, NAMESPACE } from '../resources.fixture.ts';
import { prepareNamespace } from './prepare.ts';
import { waitUntilReady, type Waiting } from './wait.ts';

let ebb: Installation;

beforeEach(async () => {
  ebb = await installation();
});
afterEach(async () => {
  await ebb.stop();
});

const options = () => ({ api: ebb.cluster.api, namespace: NAMESPACE, timeoutMs: 10_000, clock: swiftClock() });

describe('waiting for an installation', () => {
  it('ends when all of it is ready', async () => {
    const seen: Waiting[] = [];
    ebb.server.add(broker('payments', { unseen: true }));
    const onProgress = (waiting: Waiting): void => {
      seen.push(waiting);
      ebb.server.remove('Broker', 'payments');
    };
    await expect(waitUntilReady({ ...options(), onProgress })).resolves.toMatchObject({ ready: 4, total: 4 });
    expect(seen[0]).toMatchObject({ ready: 4, total: 5, pending: [{ resource: 'Broker payments' }] });
  });

  it('names each that is not, and why, when the time is over', async () => {
    ebb.server.add(broker('payments', { failing: { reason: 'TopicMissing', message: 'no topic payments' } }));
    ebb.server.remove('Deployment', 'relay');
    ebb.server.add(deployment('relay', 0));
    await expect(waitUntilReady(options())).rejects.toThrow(
      '2 of 5 resources are not ready after 10 s:\n  Broker payments: TopicMissing: no topic payments\n  Deployment relay: 0 of 1 pods are ready',
    );
  });

  it('says when nothing is there', async () => {
    const { api } = openCluster({ context: 'kind-ebb', namespace: 'empty', environment: ebb.server.environment() });
    await expect(waitUntilReady({ ...options(), api, namespace: 'empty' })).rejects.toThrow(
      'nothing of Ebb is in namespace "empty"',
    );
  });
});

describe('preparing a namespace', () => {
  it('makes it and the Secret of the operators once, and never changes them', async () => {
    const { api } = ebb.cluster;
    await expect(prepareNamespace(api, NAMESPACE)).resolves.toBe(false);
    await expect(prepareNamespace(api, 'fresh')).resolves.toBe(true);
    await expect(prepareNamespace(api, 'fresh')).resolves.toBe(false);
    expect(ebb.server.calls.filter(({ verb }) => verb === 'create')).toEqual([
      { verb: 'create', group: '', resource: 'namespaces', namespace: '' },
      { verb: 'create', group: '', resource: 'secrets', namespace: 'fresh' },
    ]);
  });
});
