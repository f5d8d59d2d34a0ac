import type { CatalogueEntry, ScaleEntry } from '@ebb/catalogue';
import { EbbError } from '@ebb/core';
import { ANNOTATION, AUTOSCALING } from '../annotations.ts';
import { scaleSettings } from '../autoscaling/settings.ts';
import type { KnativeService } from '../resources/resources.ts';
import { containerOf } from './container.ts';
import { metadataOf } from './metadata.ts';
import type { DeriveContext } from './resources-of.ts';

const MAX_TIMEOUT_MS = 600_000;

/** @throws EbbError EBB_DEFINITION when Knative would refuse the scale or the timeout */
export function knativeServiceOf(entry: CatalogueEntry, context: DeriveContext): KnativeService {
  const { name, scale } = entry;
  const annotations = annotationsOf(scale);
  const containerConcurrency = scale.concurrency ?? 0;
  checkScale(name, scale, annotations, containerConcurrency);
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: metadataOf(name, name, context),
    spec: {
      template: {
        ...(Object.keys(annotations).length > 0 && { metadata: { annotations } }),
        spec: {
          containerConcurrency,
          timeoutSeconds: Math.ceil(scale.timeoutMs / 1_000),
          containers: [containerOf(entry, context)],
        },
      },
    },
  };
}

function checkScale(
  service: string,
  { timeoutMs }: ScaleEntry,
  annotations: Readonly<Record<string, string>>,
  containerConcurrency: number,
): void {
  if (timeoutMs > MAX_TIMEOUT_MS) {
    throw new EbbError(
      'EBB_DEFINITION',
      `service ${service}: a request may take 600 s at most, not ${timeoutMs / 1_000} s`,
    );
  }
  try {
    scaleSettings(annotations, containerConcurrency);
  } catch (error) {
    if (!(error instanceof EbbError)) throw error;
    throw new EbbError('EBB_DEFINITION', `service ${service}: ${error.message}`, { cause: error });
  }
}

function annotationsOf({
  min,
  max,
  target,
  windowMs,
  startTimeoutMs,
  annotations,
}: ScaleEntry): Readonly<Record<string, string>> {
  return {
    ...(min !== undefined && { [`${AUTOSCALING}min-scale`]: String(min) }),
    ...(max !== undefined && { [`${AUTOSCALING}max-scale`]: String(max) }),
    ...(target !== undefined && { [`${AUTOSCALING}target`]: String(target) }),
    ...(windowMs !== undefined && { [`${AUTOSCALING}window`]: wholeSeconds(windowMs) }),
    ...(startTimeoutMs !== undefined && { [ANNOTATION.progressDeadline]: wholeSeconds(startTimeoutMs) }),
    ...annotations,
  };
}

/** Knative takes no fraction of a second here. */
const wholeSeconds = (ms: number): string => `${Math.ceil(ms / 1_000)}s`;
