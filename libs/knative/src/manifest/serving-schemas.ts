import * as z from 'zod/mini';
import { dnsLabel, texts } from './text-schemas.ts';

// What is interpreted here is checked closely; what only a cluster uses is let through as it is.

const RESERVED_PORTS = new Set([8008, 8012, 8013, 8022, 9090, 9091]);
const PORT_NAMES = new Set(['', 'http1', 'h2c']);
const MAX_TIMEOUT_S = 600;
const MAX_CONCURRENCY = 1_000;

const portNumber = z.int().check(z.minimum(1), z.maximum(65_535));
const servicePort = portNumber.check(
  z.refine((port) => !RESERVED_PORTS.has(port), 'is a port that Knative keeps for itself: take another, such as 8080'),
);
const portName = z.string().check(z.refine((name) => PORT_NAMES.has(name), 'must be http1 or h2c, or be left out'));

const EnvVar = z.looseObject({ name: z.string().check(z.minLength(1)), value: z.optional(z.string()) });

const Probe = z.looseObject({
  httpGet: z.optional(z.looseObject({ path: z.optional(z.string()) })),
  periodSeconds: z.optional(z.int().check(z.minimum(0))),
});

const containerFields = {
  name: z.optional(z.string()),
  image: z.string().check(z.minLength(1)),
  readinessProbe: z.optional(Probe),
  livenessProbe: z.optional(Probe),
};

/** Variables that Knative sets itself; it refuses a Service that sets them. */
const RESERVED_ENV = new Set(['PORT', 'K_SERVICE', 'K_CONFIGURATION', 'K_REVISION']);

const ServiceContainer = z.looseObject({
  ...containerFields,
  ports: z.optional(
    z
      .array(z.looseObject({ name: z.optional(portName), containerPort: z.optional(servicePort) }))
      .check(z.maxLength(1)),
  ),
  env: z.optional(
    z.array(EnvVar.check(z.refine(({ name }) => !RESERVED_ENV.has(name), 'sets a variable that Knative sets itself'))),
  ),
});

const timeoutSeconds = z.int().check(z.minimum(0), z.maximum(MAX_TIMEOUT_S));

const ServiceTemplateSpec = z
  .looseObject({
    containers: z.array(ServiceContainer).check(z.minLength(1)),
    containerConcurrency: z.optional(z.int().check(z.minimum(0), z.maximum(MAX_CONCURRENCY))),
    timeoutSeconds: z.optional(z.int().check(z.minimum(1), z.maximum(MAX_TIMEOUT_S))),
    responseStartTimeoutSeconds: z.optional(timeoutSeconds),
    idleTimeoutSeconds: z.optional(timeoutSeconds),
  })
  .check(
    z.refine(
      ({ timeoutSeconds: whole = 300, responseStartTimeoutSeconds: start = 0 }) => start <= whole,
      'has a responseStartTimeoutSeconds over its timeoutSeconds',
    ),
    z.refine(
      ({ timeoutSeconds: whole = 300, idleTimeoutSeconds: idle = 0 }) => idle <= whole,
      'has an idleTimeoutSeconds over its timeoutSeconds',
    ),
  );

const TrafficTarget = z
  .strictObject({
    percent: z.optional(z.int().check(z.minimum(0), z.maximum(100))),
    latestRevision: z.optional(z.boolean()),
    revisionName: z.optional(z.string().check(z.minLength(1))),
    tag: z.optional(dnsLabel),
    url: z.optional(z.string()),
  })
  .check(
    z.refine(
      ({ latestRevision, revisionName }) => latestRevision !== true || revisionName === undefined,
      'has both a revisionName and latestRevision: give one',
    ),
  );

const Traffic = z.array(TrafficTarget).check(
  z.refine(
    (targets) => targets.length === 0 || targets.reduce((sum, { percent = 0 }) => sum + percent, 0) === 100,
    'must add up to 100 percent',
  ),
  z.refine((targets) => {
    const tags = targets.flatMap(({ tag }) => tag ?? []);
    return new Set(tags).size === tags.length;
  }, 'must have each tag once'),
);

const templateMetadata = z.optional(
  z.looseObject({
    name: z.optional(dnsLabel),
    labels: z.optional(texts),
    annotations: z.optional(texts),
  }),
);

export const ServiceSpec = z.strictObject({
  template: z.looseObject({ metadata: templateMetadata, spec: ServiceTemplateSpec }),
  traffic: z.optional(Traffic),
});

const Container = z.looseObject({ ...containerFields, env: z.optional(z.array(EnvVar)) });

export const DeploymentSpec = z.looseObject({
  replicas: z.optional(z.int().check(z.minimum(0))),
  template: z.looseObject({
    metadata: templateMetadata,
    spec: z.looseObject({
      containers: z.array(Container).check(z.minLength(1)),
      terminationGracePeriodSeconds: z.optional(z.int().check(z.minimum(0))),
    }),
  }),
});
