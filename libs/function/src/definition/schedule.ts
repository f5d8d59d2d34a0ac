import type { DataOf, EventDefinition } from '@ebb/events';

import { definitionOf } from './validate.ts';

export interface ScheduleOptions<E extends EventDefinition> {
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  /** IANA name, such as Europe/Berlin. Default UTC. */
  readonly timeZone?: string;
  /** The event that is published each time. */
  readonly emits: E;
  readonly data: NoInfer<DataOf<E>>;
}

export interface ScheduleDefinition {
  readonly kind: 'schedule';
  readonly name: string;
  readonly cron: string;
  readonly timeZone: string | undefined;
  readonly emits: EventDefinition;
  readonly data: unknown;
}

/** The form only: whether there is such a zone, `--describe` asks. Loading the time zones would cost each start 14 ms. */
const TIME_ZONE = /^[A-Z][\w+-]*(\/[A-Z][\w+-]*)*$/;

/**
 * Defines a schedule: the same event, published again and again.
 * @throws EbbError EBB_DEFINITION, naming the schedule and the field
 */
export function defineSchedule<const E extends EventDefinition>(
  name: string,
  options: ScheduleOptions<E>,
): ScheduleDefinition {
  const check = definitionOf('schedule', name);
  check.name();
  check.that(options.cron.trim().split(/\s+/).length === 5, 'cron', `"${options.cron}" must have five fields`);
  check.that(
    options.timeZone === undefined || TIME_ZONE.test(options.timeZone),
    'timeZone',
    `"${options.timeZone ?? ''}" must be an IANA name, such as Europe/Berlin`,
  );
  return Object.freeze({
    kind: 'schedule',
    name,
    cron: options.cron,
    timeZone: options.timeZone,
    emits: options.emits,
    data: options.emits.parse(options.data),
  } satisfies ScheduleDefinition);
}
