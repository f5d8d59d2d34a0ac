import { EbbError, messageOf } from '@ebb/core';
import { scaleSettings } from '../autoscaling/settings.ts';
import { compileFilters } from '../filters/filters.ts';
import type { Resource } from '../resources/resources.ts';
import { patternOf } from '../schedule.ts';

/**
 * Checks what a field's type does not tell: annotations, filters, schedules.
 * @throws EbbError EBB_MANIFEST, its message beginning with `subject`
 */
export function checkMeaning(resource: Resource, subject: string): void {
  try {
    if (resource.kind === 'Service') {
      const { metadata, spec } = resource.spec.template;
      scaleSettings(metadata?.annotations ?? {}, spec.containerConcurrency ?? 0);
    } else if (resource.kind === 'Trigger') compileFilters(resource.spec);
  } catch (error) {
    throw new EbbError('EBB_MANIFEST', `${subject}: ${messageOf(error)}`, { cause: error });
  }
  if (resource.kind === 'PingSource') patternOf(resource.spec.schedule ?? '* * * * *', resource.spec.timezone, subject);
}
