import type { CatalogueEntry } from '@ebb/catalogue';
import type { Container, EnvVar, Probe } from '../resources/resources.ts';
import { LISTENS } from '../names.ts';
import type { DeriveContext } from './resources-of.ts';

const HTTP_PORT = 8080;
/** Of a worker's own server; the other one has its probes and metrics. */
const LISTEN_PORT = 8081;

/** The container of an app. Pod-level security settings are off in Knative by default, so all of it is here. */
export function containerOf(entry: CatalogueEntry, context: DeriveContext): Container {
  const { image, env } = context;
  const variables = envOf({ ...addressesOf(entry, context), ...env(entry) });
  return {
    name: entry.name,
    image: image(entry.name),
    ports: [{ containerPort: HTTP_PORT }, ...(entry.listens ? [{ name: LISTENS, containerPort: LISTEN_PORT }] : [])],
    ...(variables.length > 0 && { env: variables }),
    readinessProbe: probe('/healthz/ready'),
    livenessProbe: probe('/healthz/live'),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
}

/** Kubernetes wants a port, which Knative would fill in by itself. */
const probe = (path: string): Probe => ({ httpGet: { path, port: HTTP_PORT } });

/** Where the services are that the app calls, by the names that the cluster's DNS gives them. */
function addressesOf({ settings }: CatalogueEntry, { namespace }: DeriveContext): Readonly<Record<string, string>> {
  const addresses = settings.flatMap(({ name, service }) =>
    service === undefined ? [] : [[name, `http://${service}.${namespace}.svc.cluster.local`] as const],
  );
  return Object.fromEntries(addresses);
}

/** Knative sets PORT itself and refuses a Service that does. */
function envOf(variables: Readonly<Record<string, string>>): readonly EnvVar[] {
  return Object.entries(variables)
    .filter(([name]) => name !== 'PORT')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, value }));
}
