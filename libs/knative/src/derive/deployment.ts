import type { CatalogueEntry } from '@ebb/catalogue';
import type { Deployment } from '../resources/resources.ts';
import { containerOf } from './container.ts';
import { metadataOf } from './metadata.ts';
import type { DeriveContext } from './resources-of.ts';

/** A worker never sleeps; `scale.min` is how many of it there are. */
export function deploymentOf(entry: CatalogueEntry, context: DeriveContext): Deployment {
  const { labels, ...metadata } = metadataOf(entry.name, entry.name, context);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...metadata, ...(labels && { labels }) },
    spec: {
      replicas: Math.max(1, entry.scale.min ?? 1),
      selector: { matchLabels: { 'app.kubernetes.io/name': entry.name } },
      template: { metadata: { ...(labels && { labels }) }, spec: { containers: [containerOf(entry, context)] } },
    },
  };
}
