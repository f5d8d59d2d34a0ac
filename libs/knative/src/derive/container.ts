import type { CatalogueEntry } from '@ebb/catalogue';
import type { Container } from '../resources/resources.ts';
import type { DeriveContext } from './resources-of.ts';

export const HTTP_PORT = 8080;

/** The container of an app. Pod-level security settings are off in Knative by default, so all of it is here. */
export function containerOf({ name }: CatalogueEntry, { image }: DeriveContext): Container {
  return {
    name,
    image: image(name),
    ports: [{ containerPort: HTTP_PORT }],
    readinessProbe: { httpGet: { path: '/healthz/ready' } },
    livenessProbe: { httpGet: { path: '/healthz/live' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
}
