import type { CatalogueEntry, ScaleEntry } from '@ebb/catalogue';
import { ANNOTATION, AUTOSCALING } from '../annotations.ts';
import type { KnativeService } from '../resources/resources.ts';
import { containerOf } from './container.ts';
import { metadataOf } from './metadata.ts';
import type { DeriveContext } from './resources-of.ts';

export function knativeServiceOf(entry: CatalogueEntry, context: DeriveContext): KnativeService {
  const { scale } = entry;
  const annotations = annotationsOf(scale);
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: metadataOf(entry.name, entry.name, context),
    spec: {
      template: {
        ...(Object.keys(annotations).length > 0 && { metadata: { annotations } }),
        spec: {
          containerConcurrency: scale.concurrency ?? 0,
          timeoutSeconds: Math.ceil(scale.timeoutMs / 1_000),
          containers: [containerOf(entry, context)],
        },
      },
    },
  };
}

function annotationsOf({
  min,
  max,
  target,
  windowMs,
  startTimeoutMs,
  annotations,
}: ScaleEntry): Record<string, string> {
  return {
    ...(min !== undefined && { [`${AUTOSCALING}min-scale`]: String(min) }),
    ...(max !== undefined && { [`${AUTOSCALING}max-scale`]: String(max) }),
    ...(target !== undefined && { [`${AUTOSCALING}target`]: String(target) }),
    ...(windowMs !== undefined && { [`${AUTOSCALING}window`]: `${windowMs / 1_000}s` }),
    ...(startTimeoutMs !== undefined && { [ANNOTATION.progressDeadline]: `${startTimeoutMs / 1_000}s` }),
    ...annotations,
  };
}
