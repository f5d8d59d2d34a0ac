import * as z from 'zod/mini';

// What Ebb interprets is checked closely; what only a cluster uses is let through as it is.

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const RESERVED_PORTS = new Set([8008, 8012, 8013, 8022, 9090, 9091]);
const PORT_NAMES = new Set(['', 'http1', 'h2c']);

const dnsName = z
  .string()
  .check(z.maxLength(63), z.regex(DNS_LABEL, 'must be a DNS label: lower case letters, digits and hyphens'));
const texts = z.record(z.string(), z.string('must be a text: put quotes around it'));

export const MetadataSchema = z.looseObject({
  name: dnsName,
  namespace: z.optional(dnsName),
  labels: z.optional(texts),
  annotations: z.optional(texts),
});

const Destination = z
  .strictObject({
    ref: z.optional(
      z.looseObject({
        apiVersion: z.optional(z.string()),
        kind: z.string(),
        name: z.string(),
        namespace: z.optional(z.string()),
      }),
    ),
    uri: z.optional(z.string()),
    CACerts: z.optional(z.string()),
    audience: z.optional(z.string()),
  })
  .check(z.refine(({ ref, uri }) => ref !== undefined || uri !== undefined, 'must have a ref or a uri'));

const isoDuration = z
  .string()
  .check(
    z.regex(/^P(?!$)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/, 'must be an ISO 8601 duration such as PT0.5S'),
  );

const Delivery = z.strictObject({
  retry: z.optional(z.int().check(z.minimum(0))),
  backoffPolicy: z.optional(z.enum(['linear', 'exponential'])),
  backoffDelay: z.optional(isoDuration),
  timeout: z.optional(isoDuration),
  retryAfterMax: z.optional(isoDuration),
  format: z.optional(z.string()),
  deadLetterSink: z.optional(Destination),
});

const EnvVar = z.looseObject({ name: z.string(), value: z.optional(z.string('must be a text: put quotes around it')) });

const Port = z.looseObject({
  name: z.optional(z.string().check(z.refine((name) => PORT_NAMES.has(name), 'must be "", http1 or h2c'))),
  containerPort: z.optional(
    z.int().check(z.refine((port) => !RESERVED_PORTS.has(port), 'is a port that Knative keeps for itself')),
  ),
});

const Container = z.looseObject({
  name: z.optional(z.string()),
  image: z.string(),
  ports: z.optional(z.array(Port).check(z.maxLength(1))),
  env: z.optional(z.array(EnvVar)),
});

const TemplateSpec = z.looseObject({
  containers: z.array(Container).check(z.minLength(1)),
  containerConcurrency: z.optional(z.int().check(z.minimum(0), z.maximum(1_000))),
  timeoutSeconds: z.optional(z.int().check(z.minimum(0), z.maximum(600))),
  responseStartTimeoutSeconds: z.optional(z.int().check(z.minimum(0), z.maximum(600))),
  idleTimeoutSeconds: z.optional(z.int().check(z.minimum(0), z.maximum(600))),
});

const Template = z.looseObject({
  metadata: z.optional(z.looseObject({ annotations: z.optional(texts) })),
  spec: TemplateSpec,
});

const TrafficTarget = z.strictObject({
  percent: z.optional(z.int().check(z.minimum(0), z.maximum(100))),
  latestRevision: z.optional(z.boolean()),
  revisionName: z.optional(z.string()),
  configurationName: z.optional(z.string()),
  tag: z.optional(dnsName),
  url: z.optional(z.string()),
});

const Traffic = z.array(TrafficTarget).check(
  z.refine(
    (targets) => targets.reduce((sum, { percent }) => sum + (percent ?? 0), 0) === 100,
    'must add up to 100 percent',
  ),
  z.refine((targets) => {
    const tags = targets.flatMap(({ tag }) => tag ?? []);
    return new Set(tags).size === tags.length;
  }, 'must have each tag once'),
);

/** kind → the schema of its `spec`, with the apiVersion that is known. */
export const KNOWN_KINDS = {
  Service: {
    apiVersion: 'serving.knative.dev/v1',
    spec: z.strictObject({ template: Template, traffic: z.optional(Traffic) }),
  },
  Deployment: {
    apiVersion: 'apps/v1',
    spec: z.looseObject({ replicas: z.optional(z.int().check(z.minimum(0))), template: Template }),
  },
  Broker: {
    apiVersion: 'eventing.knative.dev/v1',
    spec: z.strictObject({ config: z.optional(z.looseObject({})), delivery: z.optional(Delivery) }),
  },
  Trigger: {
    apiVersion: 'eventing.knative.dev/v1',
    spec: z.strictObject({
      broker: z.string(),
      brokerRef: z.optional(z.looseObject({})),
      filter: z.optional(z.strictObject({ attributes: z.optional(texts) })),
      filters: z.optional(z.array(z.looseObject({}))),
      subscriber: Destination,
      delivery: z.optional(Delivery),
    }),
  },
  PingSource: {
    apiVersion: 'sources.knative.dev/v1',
    spec: z
      .strictObject({
        schedule: z.optional(z.string()),
        timezone: z.optional(z.string()),
        contentType: z.optional(z.string()),
        data: z.optional(z.string()),
        dataBase64: z.optional(z.string()),
        sink: Destination,
        ceOverrides: z.optional(z.strictObject({ extensions: z.optional(texts) })),
      })
      .check(
        z.refine(
          ({ data, dataBase64 }) => data === undefined || dataBase64 === undefined,
          'has both data and dataBase64: give one',
        ),
      ),
  },
} as const;

export type KnownKind = keyof typeof KNOWN_KINDS;
