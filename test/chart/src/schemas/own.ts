import * as z from 'zod/mini';

/** Schemas of the kinds that nobody publishes as a package, written from their definitions; unknown fields are refused. */

const label = z.string().check(z.regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/));
const subdomain = z.string().check(z.regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/));
const texts = z.record(z.string(), z.string());
const duration = z.string().check(z.regex(/^P(?!$)(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/));
const positive = z.int().check(z.minimum(1));

const Reference = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  name: label,
  namespace: z.optional(label),
});
const Destination = z.strictObject({ ref: z.optional(Reference), uri: z.optional(z.string()) });

/** In full, always: what is left out is not filled in. */
const Delivery = z.strictObject({
  retry: z.int().check(z.minimum(0)),
  backoffPolicy: z.enum(['linear', 'exponential']),
  backoffDelay: duration,
  timeout: duration,
  deadLetterSink: z.optional(Destination),
});

const Filter: z.ZodMiniType = z.lazy(() =>
  z.union([
    z.strictObject({ exact: texts }),
    z.strictObject({ prefix: texts }),
    z.strictObject({ suffix: texts }),
    z.strictObject({ all: z.array(Filter).check(z.minLength(1)) }),
    z.strictObject({ any: z.array(Filter).check(z.minLength(1)) }),
    z.strictObject({ not: Filter }),
    z.strictObject({ cesql: z.string() }),
  ]),
);

const BrokerSpec = z.strictObject({
  config: z.strictObject({ apiVersion: z.literal('v1'), kind: z.literal('ConfigMap'), name: label, namespace: label }),
  delivery: Delivery,
});

const TriggerSpec = z.strictObject({
  broker: label,
  filters: z.array(Filter).check(z.minLength(1)),
  subscriber: z.required(Destination),
  delivery: z.extend(Delivery, { deadLetterSink: Destination }),
});

const KafkaTopicSpec = z.strictObject({
  topicName: z.string().check(z.regex(/^[A-Za-z0-9._-]{1,249}$/)),
  partitions: positive,
  replicas: positive.check(z.maximum(32_767)),
  config: z.record(z.string(), z.union([z.string(), z.int(), z.boolean()])),
});

const OPERATIONS = [
  'Read',
  'Write',
  'Create',
  'Delete',
  'Alter',
  'Describe',
  'ClusterAction',
  'AlterConfigs',
  'DescribeConfigs',
  'IdempotentWrite',
  'All',
];

const KafkaUserSpec = z.strictObject({
  authentication: z.strictObject({ type: z.enum(['tls', 'tls-external', 'scram-sha-512']) }),
  authorization: z.strictObject({
    type: z.literal('simple'),
    acls: z.array(
      z.strictObject({
        type: z.optional(z.enum(['allow', 'deny'])),
        resource: z.strictObject({
          type: z.enum(['topic', 'group', 'cluster', 'transactionalId']),
          name: z.optional(z.string()),
          patternType: z.optional(z.enum(['literal', 'prefix'])),
        }),
        operations: z.array(z.enum(OPERATIONS)).check(z.minLength(1)),
        host: z.optional(z.string()),
      }),
    ),
  }),
});

const SecretValue = z.strictObject({
  secretKeyRef: z.strictObject({ name: z.string(), key: z.string(), optional: z.optional(z.boolean()) }),
});
const Net = z.strictObject({
  sasl: z.optional(
    z.strictObject({ enable: z.boolean(), user: SecretValue, password: SecretValue, type: z.optional(SecretValue) }),
  ),
  tls: z.optional(
    z.strictObject({
      enable: z.boolean(),
      caCert: z.optional(SecretValue),
      cert: z.optional(SecretValue),
      key: z.optional(SecretValue),
    }),
  ),
});

const KafkaSourceSpec = z.strictObject({
  bootstrapServers: z.array(z.string()).check(z.minLength(1)),
  topics: z.array(z.string()).check(z.minLength(1)),
  consumerGroup: z.string(),
  initialOffset: z.enum(['earliest', 'latest']),
  ordering: z.enum(['ordered', 'unordered']),
  consumers: z.int().check(z.minimum(0)),
  net: z.optional(Net),
  delivery: z.extend(Delivery, { deadLetterSink: Destination }),
  sink: Destination,
});

const KafkaSinkSpec = z.strictObject({
  topic: z.string(),
  bootstrapServers: z.array(z.string()).check(z.minLength(1)),
  contentMode: z.enum(['binary', 'structured']),
  auth: z.optional(z.strictObject({ secret: z.strictObject({ ref: z.strictObject({ name: subdomain }) }) })),
});

const EventPolicySpec = z.strictObject({
  to: z
    .array(z.strictObject({ ref: z.strictObject({ apiVersion: z.string(), kind: z.string(), name: label }) }))
    .check(z.minLength(1)),
  from: z.array(z.strictObject({ sub: z.string().check(z.minLength(1)) })).check(z.minLength(1)),
});

const ServiceMonitorSpec = z.strictObject({
  selector: z.strictObject({ matchLabels: texts }),
  endpoints: z.array(z.strictObject({ port: z.string(), path: z.string(), interval: z.string() })),
});

const HttpRouteSpec = z.strictObject({
  parentRefs: z
    .array(
      z.strictObject({
        name: subdomain,
        namespace: z.optional(label),
        sectionName: z.optional(subdomain),
        port: z.optional(positive),
      }),
    )
    .check(z.minLength(1)),
  hostnames: z.array(z.string().check(z.regex(/^(\*\.)?[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/))),
  rules: z.array(z.strictObject({ backendRefs: z.array(z.strictObject({ name: label, port: positive })) })),
});

/** By apiVersion and kind. */
export const OWN: Readonly<Record<string, z.ZodMiniType>> = {
  'eventing.knative.dev/v1 Broker': BrokerSpec,
  'eventing.knative.dev/v1 Trigger': TriggerSpec,
  'eventing.knative.dev/v1alpha1 EventPolicy': EventPolicySpec,
  'eventing.knative.dev/v1alpha1 KafkaSink': KafkaSinkSpec,
  'gateway.networking.k8s.io/v1 HTTPRoute': HttpRouteSpec,
  'kafka.strimzi.io/v1 KafkaTopic': KafkaTopicSpec,
  'kafka.strimzi.io/v1 KafkaUser': KafkaUserSpec,
  'monitoring.coreos.com/v1 ServiceMonitor': ServiceMonitorSpec,
  'sources.knative.dev/v1 KafkaSource': KafkaSourceSpec,
};

export const Metadata = z.strictObject({
  name: subdomain.check(z.maxLength(63)),
  namespace: label,
  labels: z.record(z.string(), z.string().check(z.regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/))),
  annotations: z.optional(texts),
});
