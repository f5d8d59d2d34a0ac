import { REDELIVERY_TOPIC } from '@ebb/events';
import type { TriggerReport } from '@ebb/local/client';
import type { Trigger } from '../resources/resources.ts';

/** Triggers as `ebb status` shows them; `lagOf` says how many events of its topic a Trigger has still to see. */
export function triggerReports(
  triggers: readonly Trigger[],
  lagOf: (trigger: Trigger) => number | undefined,
): readonly TriggerReport[] {
  return triggers
    .filter(({ spec }) => spec.broker !== REDELIVERY_TOPIC)
    .map((trigger) => {
      const { metadata, spec } = trigger;
      const lag = lagOf(trigger);
      return {
        name: metadata.name,
        broker: spec.broker,
        service: spec.subscriber?.ref?.name ?? spec.subscriber?.uri ?? '-',
        types: typesIn([spec.filters ?? [], spec.filter ?? {}]),
        ...(lag !== undefined && { lag }),
      };
    });
}

/** The event types that a filter names exactly, however deep: what a person wants to see of it. */
function typesIn(filter: unknown): readonly string[] {
  if (Array.isArray(filter)) return filter.flatMap(typesIn);
  if (typeof filter !== 'object' || filter === null) return [];
  return Object.entries(filter).flatMap(([key, value]) =>
    key === 'type' && typeof value === 'string' ? [value] : key === 'not' ? [] : typesIn(value),
  );
}
