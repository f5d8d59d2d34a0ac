import type { CatalogueEntry, ScheduleEntry } from '@ebb/catalogue';
import { resourceName } from '../names.ts';
import type { PingSource } from '../resources/resources.ts';
import { metadataOf } from './metadata.ts';
import type { DeriveContext } from './resources-of.ts';

/**
 * A schedule calls its own service, which publishes the declared event through its outbox: a PingSource by itself could only
 * publish an event of its own type, and with no exactly-once effect.
 */
export function pingSourceOf(
  { name: service }: CatalogueEntry,
  { name, cron, timeZone }: ScheduleEntry,
  context: DeriveContext,
): PingSource {
  return {
    apiVersion: 'sources.knative.dev/v1',
    kind: 'PingSource',
    metadata: metadataOf(resourceName(service, name), service, context),
    spec: {
      schedule: cron,
      ...(timeZone !== undefined && { timezone: timeZone }),
      contentType: 'application/json',
      data: JSON.stringify({ schedule: name }),
      sink: {
        ref: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: service },
        uri: `/schedules/${name}`,
      },
    },
  };
}
