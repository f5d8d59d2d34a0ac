import { describe, expect, it } from '@jest/globals';
import { describeChart } from './helm.ts';
import { ofKind, podTemplateOf, titleOf, type Container, type Manifest } from './manifest.ts';
import { scenario, SCENARIOS } from './scenarios.ts';

interface NetworkPolicySpec {
  readonly podSelector: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly unknown[];
  readonly egress?: readonly unknown[];
}

const withPods = (manifests: readonly Manifest[]) =>
  manifests.flatMap((manifest) => {
    const template = podTemplateOf(manifest);
    return template ? [{ title: titleOf(manifest), manifest, template }] : [];
  });

const containers = (manifests: readonly Manifest[]) =>
  withPods(manifests).flatMap(({ title, manifest, template }) =>
    template.spec.containers.map((container) => ({ title: `${title} ${container.name}`, manifest, container })),
  );

const failing = (manifests: readonly Manifest[], isRight: (container: Container, manifest: Manifest) => boolean) =>
  containers(manifests)
    .filter(({ container, manifest }) => !isRight(container, manifest))
    .map(({ title }) => title);

describeChart('the policy of the chart', () => {
  describe.each(Object.keys(SCENARIOS))('with %s', (name) => {
    it('runs all containers as the restricted Pod Security standard wants it, with nothing to write to but /tmp', () => {
      expect(
        failing(scenario(name), ({ securityContext, volumeMounts = [] }) => {
          expect(securityContext).toEqual({
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            readOnlyRootFilesystem: true,
            runAsNonRoot: true,
            seccompProfile: { type: 'RuntimeDefault' },
          });
          return volumeMounts.some(({ mountPath }) => mountPath === '/tmp');
        }),
      ).toEqual([]);
      // The client of `helm test` shows a token where brokers want one.
      const serving = scenario(name).filter(({ kind }) => kind !== 'Pod');
      const volumes = withPods(serving).flatMap(({ template }) => template.spec.volumes ?? []);
      const kinds = new Set(volumes.flatMap((volume) => Object.keys(volume).filter((key) => key !== 'name')));
      expect([...kinds].filter((kind) => !['emptyDir', 'secret', 'configMap'].includes(kind))).toEqual([]);
    });

    it('asks for resources, and bounds them', () => {
      expect(
        failing(scenario(name), ({ resources }) =>
          ['requests', 'limits'].every(
            (part) => resources?.[part]?.cpu !== undefined && resources[part].memory !== undefined,
          ),
        ),
      ).toEqual([]);
    });

    it('takes images of a version, and never the latest', () => {
      const pinned = /^\S+(:(?!latest$)[A-Za-z0-9_][A-Za-z0-9_.-]*|@sha256:[0-9a-f]{64})$/;
      expect(failing(scenario(name), ({ image }) => pinned.test(image))).toEqual([]);
    });

    it('probes all that serves', () => {
      expect(
        failing(
          scenario(name),
          ({ readinessProbe, livenessProbe }, { kind }) =>
            kind === 'Job' || kind === 'Pod' || (readinessProbe !== undefined && livenessProbe !== undefined),
        ),
      ).toEqual([]);
    });

    it('gives no pod a right, or a token, to talk to Kubernetes', () => {
      const manifests = scenario(name);
      expect(manifests.filter(({ kind }) => kind.includes('Role')).map(titleOf)).toEqual([]);
      for (const { template, title } of withPods(manifests)) {
        expect([title, template.spec.automountServiceAccountToken]).toEqual([title, false]);
      }
      for (const account of ofKind(manifests, 'ServiceAccount')) {
        expect(account).toMatchObject({ automountServiceAccountToken: false });
      }
    });

    it('makes no Secret, and reads only the keys that an app needs', () => {
      const manifests = scenario(name);
      expect(ofKind(manifests, 'Secret')).toEqual([]);
      const urls = containers(manifests).flatMap(({ container, manifest }) =>
        (container.env ?? []).flatMap(({ name: variable, valueFrom }) =>
          variable === 'DATABASE_URL' ? [[manifest.kind, container.name, valueFrom?.secretKeyRef?.key]] : [],
        ),
      );
      for (const [, app, key] of urls) expect([`${app}-url`, 'url']).toContain(key);
      const admins = containers(manifests).filter(({ container }) =>
        container.env?.some(({ valueFrom }) => valueFrom?.secretKeyRef?.key === 'admin-url'),
      );
      expect(admins.filter(({ manifest }) => manifest.kind !== 'Job')).toEqual([]);
    });

    it('sets each variable once: a cluster merges them by name', () => {
      const repeated = failing(scenario(name), ({ env: variables = [] }) => {
        const names = variables.map((variable) => variable.name);
        return new Set(names).size === names.length;
      });
      expect(repeated).toEqual([]);
    });

    it('has a NetworkPolicy for each pod, or none at all', () => {
      const manifests = scenario(name);
      const policies = ofKind(manifests, 'NetworkPolicy').map(({ spec }) => spec as unknown as NetworkPolicySpec);
      if (name === 'all that can be off') {
        expect(policies).toEqual([]);
        return;
      }
      for (const { title, template } of withPods(manifests)) {
        const labels = template.metadata?.labels ?? {};
        const own = policies.filter(({ podSelector: { matchLabels = {} } }) =>
          Object.entries(matchLabels).every(([key, value]) => labels[key] === value),
        );
        expect([title, own.some(({ ingress, egress }) => !ingress && !egress)]).toEqual([title, true]);
        expect([title, own.some(({ egress }) => egress)]).toEqual([title, true]);
      }
      expect(policies.every(({ policyTypes }) => policyTypes.join() === 'Ingress,Egress')).toBe(true);
    });

    it('lets a node be drained', () => {
      const budgets = ofKind(scenario(name), 'PodDisruptionBudget');
      expect(budgets.map(({ metadata }) => metadata.name)).toEqual(
        ofKind(scenario(name), 'Deployment').map(({ metadata }) => metadata.name),
      );
      expect(budgets.every(({ spec }) => spec?.maxUnavailable === 1)).toBe(true);
    });

    it('writes the delivery of every Trigger in full, and never lets an event go nowhere', () => {
      for (const { metadata, spec } of ofKind(scenario(name), 'Trigger')) {
        const delivery = spec?.delivery as Readonly<Record<string, unknown>>;
        expect(Object.keys(delivery).sort()).toEqual([
          'backoffDelay',
          'backoffPolicy',
          'deadLetterSink',
          'retry',
          'timeout',
        ]);
        expect(metadata.annotations?.['kafka.eventing.knative.dev/delivery.order']).toMatch(/^(un)?ordered$/);
      }
    });

    it('puts topics where the Kafka cluster is, and leaves them there', () => {
      for (const { metadata } of ofKind(scenario(name), 'KafkaTopic')) {
        expect(metadata.namespace).toMatch(/kafka$/);
        expect(metadata.labels).toHaveProperty(['strimzi.io/cluster']);
        expect(metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
      }
    });

    it('changes no revision when only the version of the chart changes', () => {
      for (const { template } of withPods(ofKind(scenario(name), 'Service', 'serving'))) {
        expect(Object.keys(template.metadata?.labels ?? {}).sort()).toEqual([
          'app.kubernetes.io/instance',
          'app.kubernetes.io/name',
          'app.kubernetes.io/part-of',
        ]);
      }
    });
  });
});
