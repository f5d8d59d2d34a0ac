import { afterAll, expect, it } from '@jest/globals';
import { describeChart, render } from './helm.ts';
import { env, find, ofKind, podTemplateOf, titleOf } from './manifest.ts';
import { chartOf, fn, sample, service } from './sample-chart.ts';
import { scenario } from './scenarios.ts';
import { problemsOf } from './schemas/problems-of.ts';

const temporary: { remove(): void }[] = [];
afterAll(() => temporary.forEach((chart) => chart.remove()));

const longest = (letter: string): string => letter.repeat(63);

describeChart('the chart at its limits', () => {
  it('keeps names within 63 characters, and apart from each other', () => {
    const entries = [
      service(longest('a'), fn(longest('f')), fn(`${longest('f').slice(0, 62)}g`)),
      ...sample(longest('b')),
    ];
    const chart = chartOf(
      entries.map((entry) => (entry.name === 'parcels' ? { ...entry, name: longest('b') } : entry)),
    );
    temporary.push(chart);
    const manifests = render({
      chart: chart.folder,
      release: longest('r').slice(0, 53),
      set: ['namePrefix=a-long-prefix-of-30-characters-'],
    });
    expect(manifests.flatMap(problemsOf)).toEqual([]);
    const titles = manifests.map((manifest) => `${manifest.apiVersion} ${titleOf(manifest)}`);
    expect(new Set(titles).size).toBe(titles.length);
    const services = ofKind(manifests, 'Service', 'serving').map(({ metadata }) => metadata.name);
    for (const { spec } of ofKind(manifests, 'Trigger')) {
      const { subscriber } = spec as { subscriber: { ref: { name: string } } };
      expect(services).toContain(subscriber.ref.name);
    }
  });

  it('installs two releases into one namespace that share no name and no pod', () => {
    const [first, second] = [scenario('the default values'), scenario('a second release in the namespace')];
    const titles = new Set(first.map(titleOf));
    expect(second.map(titleOf).filter((title) => titles.has(title))).toEqual([]);
    const selectors = ofKind(second, 'Deployment').map(({ spec }) => JSON.stringify(spec?.selector));
    expect(
      ofKind(first, 'Deployment').filter(({ spec }) => selectors.includes(JSON.stringify(spec?.selector))),
    ).toEqual([]);
    const { spec } = find(second, 'Trigger', 'green-inventory-reserve-stock');
    expect(spec).toMatchObject({
      broker: 'green-orders',
      subscriber: { ref: { name: 'green-inventory' }, uri: '/functions/reserve-stock' },
      delivery: {
        deadLetterSink: { ref: { name: 'green-relay' }, uri: '/dead-letters/inventory/inventory/reserve-stock' },
      },
    });
  });

  it('finds services and Kafka in another domain, over IPv6, past a proxy', () => {
    const manifests = scenario('a Kafka and a PostgreSQL of others');
    const payments = find(manifests, 'Service', 'payments', 'serving');
    expect(env(payments, 'PAYMENT_PROVIDER_URL')?.value).toBe('http://payment-provider.ebb.svc.corp.internal');
    expect(env(payments, 'NO_PROXY')?.value).toBe('localhost,127.0.0.1,::1,.svc,.svc.corp.internal,.corp.internal');
    expect(env(payments, 'HTTPS_PROXY')?.value).toBe('http://proxy.corp.internal:3128');
    const { data } = find(manifests, 'ConfigMap', 'ebb-broker-config');
    expect(data).toMatchObject({
      'bootstrap.servers': '[2001:db8::10]:9094,[2001:db8::11]:9094',
      'auth.secret.ref.name': 'kafka-for-knative',
    });
  });

  it('takes credentials and certificates from Secrets that are there', () => {
    const manifests = scenario('a Kafka and a PostgreSQL of others');
    const relay = find(manifests, 'Deployment', 'relay');
    expect(env(relay, 'EVENT_LOG_URL')?.valueFrom?.secretKeyRef).toEqual({ name: 'kafka-for-relay', key: 'url' });
    expect(podTemplateOf(relay)?.spec.containers[0]?.volumeMounts).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ mountPath: '/etc/ebb/kafka' }),
        expect.objectContaining({ mountPath: '/etc/ebb/database' }),
      ]),
    );
    expect(podTemplateOf(find(manifests, 'Job', 'ebb-migrate'))?.spec.volumes).toContainEqual({
      name: 'database-ca',
      secret: { secretName: 'database-ca', items: [{ key: 'root.pem', path: 'ca.crt' }] },
    });
    expect(ofKind(manifests, 'KafkaTopic')).toEqual([]);
  });

  it('lets istio in where kourier is not', () => {
    const policy = JSON.stringify(find(scenario('a Kafka and a PostgreSQL of others'), 'NetworkPolicy', 'payments'));
    expect(policy).toContain('istio-system');
    expect(policy).not.toContain('kourier-system');
  });

  it('pulls from a private registry by tag or digest', () => {
    const manifests = scenario('all that can be on');
    const [orders, inventory] = ['orders', 'inventory'].map(
      (name) => podTemplateOf(find(manifests, 'Service', name, 'serving'))?.spec,
    );
    expect(orders?.containers[0]?.image).toMatch(/^registry\.example\.com\/team\/ebb\/orders@sha256:0+1$/);
    expect(inventory?.containers[0]?.image).toBe('registry.example.com/team/ebb/inventory:1.4.2');
    expect(inventory?.imagePullSecrets).toEqual([{ name: 'registry' }, { name: 'mirror' }]);
  });

  it('shifts traffic only where values say so', () => {
    expect(find(scenario('all that can be on'), 'Service', 'orders', 'serving').spec?.traffic).toEqual([
      { revisionName: 'orders-00003', percent: 90 },
      { latestRevision: true, percent: 10, tag: 'canary' },
    ]);
    expect(find(scenario('the default values'), 'Service', 'orders', 'serving').spec).not.toHaveProperty('traffic');
  });

  it('says more of one service than of all', () => {
    const manifests = scenario('all that can be on');
    expect(env(find(manifests, 'Service', 'orders', 'serving'), 'FEATURE_FLAGS')?.value).toBe('off');
    expect(env(find(manifests, 'Service', 'shipping', 'serving'), 'FEATURE_FLAGS')?.value).toBe('on');
    expect(
      env(find(manifests, 'Service', 'payments', 'serving'), 'WEBHOOK_SECRET')?.valueFrom?.secretKeyRef?.name,
    ).toBe('provider');
    const template = podTemplateOf(find(manifests, 'Service', 'orders', 'serving'));
    expect(template?.spec).toMatchObject({ containerConcurrency: 80, timeoutSeconds: 60 });
    expect(template?.metadata?.annotations).toEqual({
      'autoscaling.knative.dev/max-scale': '20',
      'autoscaling.knative.dev/min-scale': '1',
      'autoscaling.knative.dev/scale-down-delay': '2m',
      'autoscaling.knative.dev/target': '50',
      'autoscaling.knative.dev/target-burst-capacity': '-1',
      'autoscaling.knative.dev/window': '90s',
    });
  });

  it('takes false, zero, empty texts and large numbers for what they are', () => {
    const [orders, topic] = [
      find(render({ values: ['awkward'] }), 'Service', 'orders', 'serving'),
      find(render({ values: ['awkward'] }), 'KafkaTopic', 'orders'),
    ];
    const values = ['ENABLED', 'LEVEL', 'PREFIX', 'LIMIT'].map((name) => env(orders, name)?.value);
    expect(values).toEqual(['false', '0', '', '1000000']);
    expect(podTemplateOf(orders)?.metadata?.annotations).toEqual({
      'autoscaling.knative.dev/min-scale': '0',
      'example.com/large': '12000000',
    });
    expect(podTemplateOf(orders)?.spec.containerConcurrency).toBe(0);
    expect(topic.spec?.config).toEqual({
      'max.message.bytes': 2_097_152,
      'min.cleanable.dirty.ratio': 0.25,
      preallocate: false,
      'retention.ms': 86_400_000,
      'segment.ms': 1_800_000,
    });
    expect(topic.spec).toMatchObject({ partitions: 24, replicas: 1 });
    const other = find(render({ values: ['awkward'] }), 'KafkaTopic', 'payments');
    expect(other.spec).toMatchObject({ partitions: 10, config: { 'segment.ms': '3600000' } });
  });
});
