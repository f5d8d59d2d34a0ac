import type { Broker, Trigger } from '../resources/resources.ts';

/** A trap of the data plane that bites, by its number in {@link TRAPS}, and what was found. */
export interface TrapFinding {
  readonly trap: number;
  readonly detail: string;
}

/** The traps in a Trigger's `delivery` block: fields without effect (7), the Broker's sink that does not count (9), gaps (19). */
export function trapsOfTrigger({ spec: { delivery } }: Trigger, broker?: Broker): readonly TrapFinding[] {
  if (!delivery) return [];
  const ignored = (['retryAfterMax', 'format'] as const).filter((field) => delivery[field] !== undefined);
  const missing = (['retry', 'backoffPolicy', 'backoffDelay'] as const).filter(
    (field) => delivery[field] === undefined,
  );
  const losesSink = !delivery.deadLetterSink && broker?.spec.delivery?.deadLetterSink !== undefined;
  return [
    ...(ignored.length > 0 ? [{ trap: 7, detail: `its delivery block sets ${ignored.join(' and ')}` }] : []),
    ...(losesSink
      ? [
          {
            trap: 9,
            detail: `its delivery block has no dead letter sink, and the one of broker ${broker.metadata.name} does not count`,
          },
        ]
      : []),
    ...(missing.length > 0 ? [{ trap: 19, detail: `its delivery block leaves out ${missing.join(', ')}` }] : []),
  ];
}
