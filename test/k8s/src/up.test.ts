import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { changesOf, FakeMachine, type Ran } from './scripts.fixture.ts';

/** One on which `kind.sh up` ran, and what it did. */
let installed: FakeMachine;
let first: Ran;
let machine: FakeMachine;
beforeAll(async () => {
  installed = new FakeMachine();
  first = await installed.run('kind.sh up');
});
afterAll(() => installed.remove());
beforeEach(() => {
  machine = new FakeMachine();
});
afterEach(() => machine.remove());

describe('kind.sh up', () => {
  it('installs everything, and changes nothing the second time', async () => {
    expect({ code: first.code, output: first.output }).toEqual({
      code: 0,
      output: expect.stringContaining('ready for Ebb'),
    });
    expect(changesOf(first)[0]).toContain('kind create cluster --name ebb');
    expect(changesOf(first).length).toBeGreaterThan(30);
    const again = await installed.run('kind.sh up');
    expect(again.code).toBe(0);
    expect(changesOf(again)).toEqual([]);
    expect(installed.given()).toBe('');
  });
});

describe('minikube.sh up', () => {
  it('installs the same, and changes nothing the second time', async () => {
    const fresh = await machine.run('minikube.sh up');
    expect(fresh.code).toBe(0);
    const installs = (ran: Ran) =>
      changesOf(ran)
        .slice(1)
        .map((call) => call.replace(/context \S+/, ''));
    expect(changesOf(fresh)[0]).toContain('minikube start --profile ebb');
    expect(installs(fresh)).toEqual(installs(first));
    expect(changesOf(await machine.run('minikube.sh up'))).toEqual([]);
  });
});

describe('the order of kind.sh up', () => {
  it('tells components where traces go before they start, and waits for kinds before it uses them', () => {
    const { calls } = first;
    const at = (part: string): number => {
      const index = calls.findIndex((call) => call.includes(part));
      expect([part, index]).not.toEqual([part, -1]);
      return index;
    };
    const settings = calls.flatMap((call, n) => (call.endsWith('ebb-k8s-settings -f -') ? [n] : []));
    const before = (limit: number): number => settings.filter((n) => n < limit).length;
    // Jaeger, Kafka, PostgreSQL, then two of Serving; kourier's class after it, and Eventing's own.
    expect(before(at('serving-core.yaml'))).toBe(5);
    expect(before(at('eventing-core.yaml'))).toBe(7);
    expect(at('serving-crds.yaml')).toBeLessThan(at('get crd/services.serving.knative.dev'));
    expect(at('get crd/services.serving.knative.dev')).toBeLessThan(at('serving-core.yaml'));
    expect(at('serving-core.yaml')).toBeLessThan(at('kourier.yaml'));
    expect(at('strimzi-crds')).toBeLessThan(at('helm'));
    expect(at('eventing-kafka-controller.yaml')).toBeLessThan(at('eventing-kafka-broker.yaml'));
    expect(at('get kafka/ebb')).toBeGreaterThan(at('eventing-kafka-broker.yaml'));
  });

  it('names its own cluster in each command', () => {
    const strays = first.calls.filter(
      (call) => /^(kubectl|helm) /.test(call) && !/^(kubectl --context|helm --kube-context) kind-ebb /.test(call),
    );
    expect(strays).toEqual([]);
  });
});

describe('a step that does not come to its end', () => {
  it('says what it waited for, what to look at, and goes on from there the next time', async () => {
    machine.set('stuck', 'knative-serving');
    const stuck = await machine.run('kind.sh up', { EBB_TIMEOUT: '1' });
    expect(stuck.code).toBe(1);
    expect(stuck.output).toContain('waiting for webhook (1 of 2)');
    expect(stuck.output).toContain('webhook-1   ContainerCreating');
    expect(stuck.output).toMatch(
      /error: 1 s were not enough until Knative Serving is ready: missing is webhook \(1 of 2\)/,
    );
    expect(stuck.output).toContain('kubectl --context kind-ebb describe pods -n knative-serving');
    expect(changesOf(stuck).join('\n')).not.toContain('kourier');

    machine.unset('stuck');
    const again = await machine.run('kind.sh up');
    expect(again.code).toBe(0);
    const changes = changesOf(again).join('\n');
    expect(changes).toContain('serving-core.yaml');
    expect(changes).toContain('kourier.yaml');
    expect(changes).not.toContain('create cluster');
    expect(changes).not.toContain('Secret');
  });

  it('is tried three times when it is a download, and then says which', async () => {
    machine.set('helm-fails', '5');
    const failed = await machine.run('kind.sh up');
    expect(failed.code).toBe(1);
    expect(failed.output).toMatch(/error: this failed three times: helm .*strimzi-kafka-operator/);
    // Two more, and then it works.
    const again = await machine.run('kind.sh up');
    expect(again.code).toBe(0);
    expect(again.calls.filter((call) => call.startsWith('helm'))).toHaveLength(3);
  });
});

describe('a cluster that is there', () => {
  it('is started when it was stopped', async () => {
    installed.set('stopped');
    const again = await installed.run('kind.sh up');
    expect(again.code).toBe(0);
    expect(changesOf(again)).toEqual(['docker start ebb-control-plane']);
  });

  it('keeps what somebody else installed, and is told what Ebb would like of it', async () => {
    for (const object of ['namespace/knative-serving', 'deployment/controller', 'configmap/config-autoscaler'])
      machine.has(object);
    const { code, output, calls } = await machine.run('install.sh up --context prod');
    expect(code).toBe(0);
    expect(output).toContain('Knative Serving is here, installed by somebody else: it is left as it is');
    expect(output).toContain('allow-zero-initial-scale');
    expect(output).toContain('this Knative sends no traces');
    expect(calls.filter((call) => call.includes('serving-c'))).toEqual([]);
    expect(calls.some((call) => call.includes('eventing-core.yaml'))).toBe(true);
  });

  it('is not given what is left out', async () => {
    const ran = await machine.run('install.sh up --context prod --without postgres,kafka');
    expect(ran.code).toBe(0);
    const changes = changesOf(ran).join('\n');
    expect(changes).not.toMatch(/strimzi|ebb-data|namespace kafka\b/);
    expect(ran.output).toContain('make Secret ebb-database in ebb yourself');
  });
});

describe('kind.sh status', () => {
  it('tells each component and its version, and fails while one is not ready', async () => {
    const ready = await installed.run('kind.sh status');
    expect(ready.code).toBe(0);
    expect(ready.output).toMatch(/Knative Serving +1\.\d+\.\d+ +ready/);
    expect(changesOf(ready)).toEqual([]);
    installed.set('stuck', 'ebb-data');
    const stuck = await installed.run('kind.sh status');
    expect(stuck.code).toBe(1);
    expect(stuck.output).toMatch(/PostgreSQL +\S+ +not ready: webhook \(1 of 2\)/);
  });

  it('does not take Eventing alone for its Kafka broker', async () => {
    await machine.run('kind.sh up --without kafka-broker');
    const status = await machine.run('kind.sh status');
    expect(status.code).toBe(1);
    expect(status.output).toMatch(/Knative Eventing +\S+ +ready/);
    expect(status.output).toMatch(/Kafka broker +not by these scripts +not ready: deployment\/kafka-controller/);
  });
});
