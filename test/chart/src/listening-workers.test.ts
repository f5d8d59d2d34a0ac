import { afterAll, describe, expect, it } from '@jest/globals';
import { describeChart, render, type HelmOptions } from './helm.ts';
import { env, find, ofKind, podTemplateOf, type Manifest } from './manifest.ts';
import { chartOf, sample, worker } from './sample-chart.ts';
import { problemsOf } from './schemas/problems-of.ts';

interface Policy {
  readonly ingress: readonly {
    readonly from?: readonly object[];
    readonly ports: readonly { readonly port: number }[];
  }[];
}

describeChart('a worker that listens', () => {
  // `desk` listens to the release's own pods.
  const chart = chartOf([...sample(), { ...worker('desk'), listens: { public: false } }]);
  afterAll(() => chart.remove());
  const rendered = (...set: string[]): readonly Manifest[] =>
    render({ chart: chart.folder, set } satisfies HelmOptions);
  const wayIn = (manifests: readonly Manifest[], name: string) =>
    (find(manifests, 'NetworkPolicy', name).spec as unknown as Policy).ingress.find(
      ({ ports }) => ports[0]?.port === 8081,
    );

  it('is behind a Service on port 80, by the name of its port', () => {
    const { spec } = find(rendered(), 'Service', 'door', 'v1');
    expect((spec as { ports: object[] }).ports[0]).toEqual({ name: 'http', port: 80, targetPort: 'http' });
    const container = podTemplateOf(find(rendered(), 'Deployment', 'door'))?.spec.containers[0];
    expect(container?.ports).toContainEqual({ name: 'http', containerPort: 8081 });
    expect(env(find(rendered(), 'Deployment', 'door'), 'LISTEN_PORT')?.value).toBe('8081');
  });

  it('is reached by those whom it listens to', () => {
    const manifests = rendered();
    expect(wayIn(manifests, 'door')).toEqual({ ports: [{ protocol: 'TCP', port: 8081 }] });
    expect(wayIn(manifests, 'relay')?.from).toEqual([
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'knative-eventing' } } },
    ]);
    expect(wayIn(manifests, 'desk')?.from).toEqual([
      { podSelector: { matchLabels: { 'app.kubernetes.io/instance': 'ebb', 'app.kubernetes.io/part-of': 'ebb' } } },
    ]);
    const restricted = rendered('networkPolicies.public.from[0].ipBlock.cidr=10.0.0.0/8');
    expect(wayIn(restricted, 'door')?.from).toEqual([{ ipBlock: { cidr: '10.0.0.0/8' } }]);
  });

  it('has an Ingress or a route of the Gateway API where values say so, and none else', () => {
    expect(rendered().filter(({ kind }) => ['Ingress', 'HTTPRoute'].includes(kind))).toEqual([]);
    const manifests = rendered(
      'namePrefix=blue-',
      'services.door.ingress.className=nginx',
      'services.door.ingress.hosts={api.example.com}',
      'services.door.ingress.tls[0].secretName=api-tls,services.door.ingress.tls[0].hosts={api.example.com}',
      'services.door.httpRoute.parentRefs[0].name=edge,services.door.httpRoute.parentRefs[0].namespace=infra',
      'services.door.httpRoute.hosts={*.example.com}',
    );
    expect(manifests.flatMap(problemsOf)).toEqual([]);
    expect(find(manifests, 'Ingress', 'blue-door').spec).toEqual({
      ingressClassName: 'nginx',
      tls: [{ secretName: 'api-tls', hosts: ['api.example.com'] }],
      rules: [
        {
          host: 'api.example.com',
          http: {
            paths: [
              { path: '/', pathType: 'Prefix', backend: { service: { name: 'blue-door', port: { name: 'http' } } } },
            ],
          },
        },
      ],
    });
    expect(find(manifests, 'HTTPRoute', 'blue-door').spec).toEqual({
      parentRefs: [{ name: 'edge', namespace: 'infra' }],
      hostnames: ['*.example.com'],
      rules: [{ backendRefs: [{ name: 'blue-door', port: 80 }] }],
    });
  });

  describe('is given what it asked for', () => {
    it('from Secrets, each key to those alone who need it', () => {
      const manifests = rendered('kafka.connection.existingSecret=kafka-access');
      const readers = (name: string) =>
        [...ofKind(manifests, 'Deployment'), ...ofKind(manifests, 'Service', 'serving')].flatMap((manifest) => {
          const from = env(manifest, name)?.valueFrom?.secretKeyRef;
          return from ? [`${manifest.metadata.name}: ${from.name} ${from.key}`] : [];
        });
      expect(readers('EBB_IDENTITY_KEY')).toEqual(['door: ebb-identity private.jwk']);
      expect(readers('EBB_IDENTITY_KEYS')).toEqual(['parcels: ebb-identity public.jwks']);
      expect(readers('EVENT_LOG_URL')).toEqual(['door: kafka-access reader-url', 'relay: kafka-access url']);
      expect(readers('EBB_CONTROL_TOKEN')).toEqual(
        ['relay', 'labels', 'parcels'].map((app) => `${app}: ebb-operator control-token`),
      );
    });

    it('with the names and the domain of its cluster', () => {
      const manifests = rendered('namePrefix=blue-', 'clusterDomain=corp.internal');
      expect(env(find(manifests, 'Deployment', 'blue-door'), 'SERVICES_URL')?.value).toBe(
        'http://blue-{service}.ebb.svc.corp.internal',
      );
      expect(env(find(manifests, 'Deployment', 'blue-desk'), 'SERVICES_URL')).toBeUndefined();
    });

    it('with a catalogue that is there while somebody reads it', () => {
      const catalogues = (...set: string[]) =>
        ofKind(rendered(...set), 'ConfigMap').filter(({ data = {} }) => 'catalogue.json' in data).length;
      expect(catalogues()).toBe(1);
      expect(catalogues('services.relay.enabled=false')).toBe(1);
      expect(catalogues('services.relay.enabled=false', 'services.door.enabled=false')).toBe(0);
    });
  });
});
