import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EbbError } from '@ebb/core';
import { parseManifests } from './parse.ts';

const SERVICE = `
apiVersion: serving.knative.dev/v1
kind: Service
metadata: { name: hello, namespace: shop }
spec:
  template:
    metadata:
      annotations: { autoscaling.knative.dev/max-scale: "3" }
    spec:
      containerConcurrency: 10
      timeoutSeconds: 60
      containers:
        - image: dev.local/hello:1
          ports: [{ name: h2c, containerPort: 8080 }]
          env: [{ name: GREETING, value: hi }]
`;
const TRIGGER = `
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata: { name: hello }
spec:
  broker: orders
  filters: [{ exact: { type: a } }]
  subscriber: { ref: { apiVersion: serving.knative.dev/v1, kind: Service, name: hello }, uri: /functions/hi }
`;
const PING = `
apiVersion: sources.knative.dev/v1
kind: PingSource
metadata: { name: tick }
spec: { schedule: '*/5 * * * *', data: '{}', sink: { uri: http://example.com } }
`;

/** A document with one place changed. */
const edited = (document: string, from: string, to: string): string => {
  expect(document).toContain(from);
  return document.replace(from, to);
};

function problemsOf(text: string): string {
  try {
    parseManifests(text, 'a.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(EbbError);
    expect(error).toMatchObject({ code: 'EBB_MANIFEST' });
    return (error as EbbError).message;
  }
  return '';
}

describe('manifests', () => {
  it('are read from several documents, empty ones left out', () => {
    const { resources, ignored } = parseManifests(`---${SERVICE}---\n# nothing\n---${TRIGGER}---${PING}`);
    expect(resources.map(({ kind, metadata }) => [kind, metadata.name])).toEqual([
      ['Service', 'hello'],
      ['Trigger', 'hello'],
      ['PingSource', 'tick'],
    ]);
    expect(ignored).toEqual([]);
  });

  it('are read from JSON, tabs and all, and from a List', () => {
    const { resources } = parseManifests(TRIGGER);
    const list = { apiVersion: 'v1', kind: 'List', items: resources };
    expect(parseManifests(JSON.stringify(list, null, '\t')).resources).toEqual(resources);
  });

  it('may repeat themselves by anchors and merge keys', () => {
    const text = `
x: &meta { name: one }
---
apiVersion: eventing.knative.dev/v1
kind: Broker
metadata: { <<: &m { namespace: shop }, name: orders }
spec: {}
`;
    const { resources } = parseManifests(text.slice(text.indexOf('---')));
    expect(resources[0]?.metadata).toEqual({ namespace: 'shop', name: 'orders' });
  });

  it('of other kinds are named with the reason why they are passed over', () => {
    const text = `
apiVersion: v1
kind: Service
metadata: { name: plain }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: of-an-app }
`;
    expect(parseManifests(text)).toEqual({
      resources: [],
      configMaps: [],
      ignored: [
        { kind: 'Service', name: 'plain', reason: 'its apiVersion is v1; here serving.knative.dev/v1 is run' },
        {
          kind: 'Namespace',
          name: 'shop',
          reason: 'this kind is not run here (known are Service, Deployment, Broker, Trigger, PingSource)',
        },
        expect.objectContaining({ kind: 'ConfigMap', name: 'of-an-app' }),
      ],
    });
  });

  it('may have fields that are null, as tools write them', () => {
    const text = edited(SERVICE, 'namespace: shop }', 'creationTimestamp: null, labels: }');
    expect(parseManifests(text).resources).toMatchObject([{ metadata: { name: 'hello' } }]);
  });

  it("hand on the cluster's configuration", () => {
    const text = `
apiVersion: v1
kind: ConfigMap
metadata: { name: config-autoscaler, namespace: knative-serving }
data: { scale-to-zero-grace-period: 5s }
`;
    expect(parseManifests(text).configMaps).toMatchObject([{ data: { 'scale-to-zero-grace-period': '5s' } }]);
  });

  it('name file, document, kind, name and field of every problem', () => {
    const broken = edited(edited(SERVICE, 'timeoutSeconds: 60', 'timeoutSeconds: 601'), 'hi }', '1 }');
    expect(problemsOf(`---${TRIGGER}---${broken}`)).toBe(
      [
        'a.yaml, document 2, Service hello: spec.template.spec.containers[0].env[0].value must be a text (put quotes around it)',
        'a.yaml, document 2, Service hello: spec.template.spec.timeoutSeconds must be at most 600',
      ].join('\n'),
    );
  });

  it.each([
    ['containerConcurrency: 10', 'containerConcurrency: 1001', 'containerConcurrency must be at most 1000'],
    ['containerConcurrency: 10', 'containerConcurrency: -1', 'containerConcurrency must be at least 0'],
    ['containerConcurrency: 10', 'containerConcurrency: 1.5', 'containerConcurrency must be a whole number'],
    ['timeoutSeconds: 60', 'idleTimeoutSeconds: 301', 'has an idleTimeoutSeconds over its timeoutSeconds'],
    ['name: h2c', 'name: http', 'ports[0].name must be http1 or h2c'],
    ['containerPort: 8080', 'containerPort: 8012', 'containerPort is a port that Knative keeps for itself'],
    ['name: GREETING', 'name: PORT', 'env[0] sets a variable that Knative sets itself'],
    ['- image: dev.local/hello:1', '- name: x', 'containers[0].image is missing'],
    ['name: hello', 'name: Hello', 'metadata.name must be a DNS label that begins with a letter'],
    ['name: hello', 'name: 1hello', 'metadata.name must be a DNS label that begins with a letter'],
    ['name: hello, ', '', '(without a name): metadata.name is missing'],
    ['max-scale: "3"', 'max-scale: 3', 'annotations["autoscaling.knative.dev/max-scale"] must be a text (put quotes'],
    [
      'max-scale: "3"',
      'target: "0"',
      'spec.template.metadata: annotation autoscaling.knative.dev/target must be a number from 0.01',
    ],
    ['spec:\n  template', 'extra: 1\nspec:\n  traffic: [{ percent: 99 }]\n  template', 'traffic must add up to 100'],
    [
      'spec:\n  template',
      'spec:\n  traffic: [{ percent: 50, tag: a }, { percent: 50, tag: a }]\n  template',
      'spec.traffic must have each tag once',
    ],
    ['spec:\n  template', 'spec:\n  replicas: 2\n  template', 'spec has unknown fields: replicas'],
    [
      'namespace: shop }',
      'annotations: { autoscaling.knative.dev/min-scale: "1" } }',
      'must be in spec.template.metadata.annotations',
    ],
  ])('with a Service where "%s" is "%s" are refused', (from, to, message) => {
    expect(problemsOf(edited(SERVICE, from, to))).toContain(message);
  });

  it.each([
    ['exact: { type: a }', 'exakt: { type: a }', 'spec.filters[0] has the unknown dialect "exakt"'],
    ['exact: { type: a }', 'exact: { type: a }, prefix: { type: a }', 'spec.filters[0] has exact and prefix'],
    ['exact: { type: a }', 'not: { any: [{ exact: { Type: a } }] }', 'spec.filters[0].not.any[0].exact'],
    ['broker: orders', 'delivery: {}', 'spec.broker is missing'],
    ['uri: /functions/hi', 'uri: http://x/y', 'spec.subscriber has a ref, so its uri must be a path'],
    ['metadata: { name: hello }', 'metadata: { name: a_b }', 'metadata.name must be a DNS name'],
    ['broker: orders', 'broker: orders\n  delivery: { retry: -1 }', 'spec.delivery.retry must be at least 0'],
    ['broker: orders', 'broker: orders\n  delivery: { backoffDelay: 1s }', 'backoffDelay must be an ISO 8601 duration'],
    ['broker: orders', 'broker: orders\n  delivery: { backoffPolicy: fast }', 'must be linear or exponential'],
    [
      'broker: orders',
      'broker: orders\n  delivery: { timeout: PT0S }',
      'timeout must be an ISO 8601 duration over zero',
    ],
    ['broker: orders', 'broker: orders\n  delivery: { retries: 1 }', 'spec.delivery has unknown fields: retries'],
    [
      'metadata: { name: hello }',
      'metadata: { name: hello, annotations: { kafka.eventing.knative.dev/delivery.order: sorted } }',
      'must be ordered or unordered (it is "sorted")',
    ],
  ])('with a Trigger where "%s" is "%s" are refused', (from, to, message) => {
    expect(problemsOf(edited(TRIGGER, from, to))).toContain(message);
  });

  it.each([
    ["data: '{}'", "data: '{}', dataBase64: e30=", 'spec has both data and dataBase64: give one'],
    ["data: '{}'", 'dataBase64: "{}"', 'spec.dataBase64 must be base64'],
    ['*/5 * * * *', '@every 5m', 'spec.schedule "@every 5m" is refused by Knative'],
    ["data: '{}'", 'timezone: Nowhere', 'spec.timezone "Nowhere" is not known'],
    ['uri: http://example.com', 'uri: example.com', 'spec.sink has no ref, so its uri must be a whole URL'],
    ['uri: http://example.com', '', 'spec.sink must have a ref or a uri'],
  ])('with a PingSource where "%s" is "%s" are refused', (from, to, message) => {
    expect(problemsOf(edited(PING, from, to))).toContain(message);
  });

  it('may not have one resource twice', () => {
    expect(problemsOf(`---${PING}---${PING}`)).toBe('a.yaml: PingSource tick is there twice: remove or rename one');
  });

  it.each([
    ['a: [', /^a\.yaml, document 1: is not valid YAML: .* \(line 1, column \d+\)$/],
    ['a: 1\na: 2', /document 1: is not valid YAML: Map keys must be unique/],
    ['kind: Service\nspec: &a\n  - *a', /document 1/],
    ['just text', /document 1: must be an object/],
    ['apiVersion: v1', /document 1: kind is missing/],
    ['['.repeat(200_000), /nested deeper than 64 levels/],
    ['- '.repeat(200_000), /nested deeper than 64 levels/],
    [`x: "${'y'.repeat(4 * 1024 * 1024)}"`, /the file is over 4194304 bytes/],
    ['---\n{}\n'.repeat(1_001), /more than 1000 documents/],
    [
      'a: &a [x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]',
      /Excessive alias count/,
    ],
  ])('that cannot be read say why (%#)', (text, message) => {
    expect(problemsOf(text)).toMatch(message);
  });

  it('throw nothing but EBB_MANIFEST, whatever they are', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => void problemsOf(text)));
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom('Service', 'Trigger', 'PingSource'), (spec, kind) => {
        const apiVersion = { Service: 'serving', Trigger: 'eventing', PingSource: 'sources' }[kind];
        problemsOf(JSON.stringify({ apiVersion: `${apiVersion}.knative.dev/v1`, kind, metadata: { name: 'x' }, spec }));
      }),
    );
  });
});
