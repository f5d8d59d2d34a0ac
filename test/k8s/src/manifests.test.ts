import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ROOT } from './scripts.fixture.ts';

interface Container {
  readonly name: string;
  readonly image: string;
  readonly resources?: { readonly requests?: object; readonly limits?: { readonly memory?: string } };
  readonly securityContext?: object;
  readonly readinessProbe?: object;
  readonly livenessProbe?: object;
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts?: readonly { readonly name: string }[];
}

interface Manifest {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly { readonly name: string; readonly port: number; readonly targetPort: string }[];
    readonly template?: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly automountServiceAccountToken?: boolean;
        readonly securityContext: object;
        readonly containers: readonly Container[];
        readonly volumes?: readonly { readonly name: string }[];
      };
    };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
}

const FOLDER = join(ROOT, 'k8s/manifests');
const files = readdirSync(FOLDER);
/** As the scripts fill them in, but for the values. */
const manifestsOf = (file: string): readonly Manifest[] =>
  readFileSync(join(FOLDER, file), 'utf8')
    .replaceAll(/\$\{([A-Z_]+)\}/g, (_, name: string) => (name.endsWith('PORT') ? '8081' : name.toLowerCase()))
    .split(/^---$/m)
    .map((text) => parse(text) as Manifest);
const all = files.flatMap(manifestsOf);
const workloads = all.filter(({ spec }) => spec?.template !== undefined);

describe('the manifests', () => {
  it('name their kind, and the namespace that they go to', () => {
    const namespaces = ['observability', 'kafka', 'ebb-data', 'knative-serving', 'knative-eventing'];
    for (const { kind, metadata } of all.filter(({ kind }) => kind !== 'Cluster')) {
      expect([kind, metadata.name, namespaces.includes(metadata.namespace ?? '')]).toEqual([kind, metadata.name, true]);
    }
    expect(
      all.filter(({ apiVersion }) => apiVersion.startsWith('kafka.strimzi.io/')).map((one) => one.apiVersion),
    ).toEqual(['kafka.strimzi.io/v1', 'kafka.strimzi.io/v1']);
  });

  it('have nothing to fill in that the scripts do not know', () => {
    const script = readFileSync(join(ROOT, 'k8s/lib/cluster.sh'), 'utf8');
    const placeholders = files.flatMap(
      (file) => readFileSync(join(FOLDER, file), 'utf8').match(/\$\{[A-Z_]+\}/g) ?? [],
    );
    expect(placeholders.length).toBeGreaterThan(8);
    for (const placeholder of placeholders) expect(script).toContain(` ${placeholder.slice(2, -1)}`);
  });

  it.each(workloads.map((one) => [one.metadata.name, one] as const))(
    '%s runs under the restricted standard, with probes, limits and a version',
    (_name, { spec }) => {
      const { spec: pod, metadata } = spec!.template!;
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: expect.any(Number),
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(metadata.labels['app.kubernetes.io/name']).toBeDefined();
      const volumes = [...(pod.volumes ?? []).map(({ name }) => name)];
      volumes.push(...(spec!.volumeClaimTemplates ?? []).map((claim) => claim.metadata.name));
      for (const container of pod.containers) {
        expect(container.image).toMatch(/^docker\.io\/[\w./-]+:(?!latest)[\w.]+$/);
        expect(container).toMatchObject({
          readinessProbe: expect.any(Object),
          livenessProbe: expect.any(Object),
          resources: { requests: { cpu: expect.any(String), memory: expect.any(String) } },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        });
        expect(container.resources?.limits?.memory).toMatch(/^\d+Mi$/);
        for (const { name } of container.volumeMounts ?? []) expect(volumes).toContain(name);
      }
    },
  );

  it('lead each Service to a port that its pods have', () => {
    for (const service of all.filter(({ kind }) => kind === 'Service')) {
      const pods = workloads.filter(({ spec }) => {
        const labels = spec?.template?.metadata.labels ?? {};
        return Object.entries(service.spec?.selector ?? { none: '' }).every(([key, value]) => labels[key] === value);
      });
      expect([service.metadata.name, pods.length]).toEqual([service.metadata.name, 1]);
      const ports = pods.flatMap(({ spec }) => spec!.template!.spec.containers.flatMap((each) => each.ports ?? []));
      for (const { targetPort } of service.spec?.ports ?? [])
        expect(ports.map(({ name }) => name)).toContain(targetPort);
    }
  });
});

describe('the configuration of Jaeger', () => {
  const config = parse(all.find(({ data }) => data?.['config.yaml'] !== undefined)!.data!['config.yaml']!) as {
    service: {
      extensions: string[];
      pipelines: { traces: Record<'receivers' | 'processors' | 'exporters', string[]> };
    };
    extensions: Record<string, unknown>;
    receivers: Record<string, unknown>;
    processors: Record<string, unknown>;
    exporters: Record<string, unknown>;
  };

  it('uses what it defines, and defines what it uses', () => {
    const { extensions, pipelines } = config.service;
    expect(extensions.sort()).toEqual(Object.keys(config.extensions).sort());
    for (const part of ['receivers', 'processors', 'exporters'] as const) {
      expect(pipelines.traces[part]).toEqual(Object.keys(config[part]));
    }
  });

  it('listens where its Services lead', () => {
    const text = JSON.stringify(config);
    for (const port of [4317, 4318, 16_686, 13_133]) expect(text).toContain(`0.0.0.0:${port}`);
  });
});
