import { expect, it } from '@jest/globals';
import { CHART, describeChart, helm, render } from './helm.ts';

const failureOf = (...set: string[]): string => {
  try {
    render({ set });
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

/** All that the default values need of a cluster. */
const APIS = [
  'serving.knative.dev/v1/Service',
  'eventing.knative.dev/v1/Broker',
  'eventing.knative.dev/v1/Trigger',
  'internal.kafka.eventing.knative.dev/v1alpha1/ConsumerGroup',
  'sources.knative.dev/v1/PingSource',
  'kafka.strimzi.io/v1/KafkaTopic',
];

describeChart('values', () => {
  it('that come with the chart pass its own check', () => {
    expect(helm('lint', CHART, '--strict')).toContain('0 chart(s) failed');
  });

  it.each([
    ['image.regstry=x', "'regstry' not allowed"],
    ['services.orders.scale.mim=1', "'mim' not allowed"],
    ['services.ordres.enabled=true', 'services.ordres: there is no such service (there are '],
    ['kafka.partitions=many', '/kafka/partitions'],
    ['kafka.bootstrapServers=nowhere', '/kafka/bootstrapServers'],
    ['image.tag=latest', '/image/tag'],
    ['services.orders.env.PORT=1', 'PORT'],
    ['services.orders.env.PAYMENT_WINDOW.a=1', 'PAYMENT_WINDOW'],
    ['services.orders.resources.requests.cpu=1', '/services/orders/resources'],
    ['services.orders.replicas=2', 'services.orders: is a Knative Service'],
    ['services.relay.scale.min=2', 'services.relay: is a worker'],
    ['services.orders.secrets.NO_SUCH.name=x', 'services.orders.secrets.NO_SUCH: orders has no setting of this name'],
    ['services.payments.enabled=false', 'services.payment-provider.env.MERCHANT_URL: must say where payments is'],
    ['settings.existingSecret=', 'services.payments.secrets.WEBHOOK_SECRET: is missing'],
    [
      'services.orders.traffic[0].percent=10,services.orders.traffic[0].latestRevision=true',
      'adds up to 10 percent, not 100',
    ],
    ['identity.existingSecret=', 'identity.existingSecret: is missing: accounts needs the key pair'],
    ['services.orders.ingress.hosts={a.example.com}', 'services.orders: has no server for strangers'],
    [
      'services.relay.httpRoute.hosts={a},services.relay.httpRoute.parentRefs[0].name=g',
      'services.relay: has no server',
    ],
    ['services.orders.ingress.className=nginx', '/services/orders/ingress'],
    ['networkPolicies.public.from=x', '/networkPolicies/public/from'],
    ['namePrefix=Blue_', '/namePrefix'],
    ['networkPolicies.gateway=nginx', '/networkPolicies/gateway'],
    ['kafkaSources[0].name=a,kafkaSources[0].topics={t}', '/kafkaSources/0'],
    [
      'kafkaSources[0].name=a,kafkaSources[0].topics={t},kafkaSources[0].service=x',
      'kafkaSources[0].service: there is no',
    ],
    ['kafka.topics.byName.order.partitions=3', 'kafka.topics.byName.order: there is no such topic (there are '],
  ])('that cannot be are refused with their key: %s', (value, message) => {
    expect(failureOf(value)).toContain(message);
  });

  it('that cannot be are told all at once', () => {
    const failure = failureOf('settings.existingSecret=', 'services.a.enabled=true', 'services.b.enabled=true');
    for (const key of ['services.a', 'services.b', 'services.payments.secrets']) expect(failure).toContain(key);
  });
});

describeChart('prerequisites', () => {
  it('are all named at once when they are missing, with the way to get them', () => {
    const check = () => render({ apis: ['v1/Service'], set: ['monitoring.serviceMonitor.enabled=true'] });
    for (const api of [...APIS, 'monitoring.coreos.com/v1/ServiceMonitor']) expect(check).toThrow(api);
    for (const how of ['serving-core.yaml', 'eventing-kafka-broker.yaml', 'strimzi-kafka-operator', 'k8s/install.sh']) {
      expect(check).toThrow(how);
    }
  });

  it('are kinds, not only groups', () => {
    expect(() => render({ apis: APIS.slice(0, -1).concat('kafka.strimzi.io/v1/Kafka') })).toThrow(
      'kafka.strimzi.io/v1/KafkaTopic',
    );
    expect(() => render({ apis: APIS })).not.toThrow();
  });

  it('are only those of features that are on', () => {
    const withoutTopics = { apis: APIS.slice(0, -1), set: ['kafka.strimzi.enabled=false'] };
    expect(() => render(withoutTopics)).not.toThrow();
    for (const [set, api] of [
      ['eventPolicies.enabled=true', 'EventPolicy'],
      ['kafka.users.create=true', 'KafkaUser'],
      ['kafkaSinks[0].name=a,kafkaSinks[0].topic=t', 'KafkaSink'],
    ] as const) {
      expect(() => render({ apis: APIS, set: [set] })).toThrow(api);
    }
  });
});
