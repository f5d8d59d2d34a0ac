import type { Broker, Trigger } from '@ebb/knative';

/** The traps in a Trigger's `delivery` block, each with what it says: the block replaces the Broker's as a whole. */
export function deliveryTraps(
  { spec: { delivery } }: Trigger,
  broker: Broker | undefined,
): readonly [number, string][] {
  if (!delivery) return [];
  const found: [number, string][] = [];
  const missing = (['retry', 'backoffPolicy', 'backoffDelay'] as const).filter(
    (field) => delivery[field] === undefined,
  );
  if (missing.length > 0) found.push([19, `its delivery block leaves out ${missing.join(', ')}`]);
  if (!delivery.deadLetterSink && broker?.spec.delivery?.deadLetterSink) {
    found.push([
      9,
      `its delivery block has no dead letter sink, and the one of broker ${broker.metadata.name} does not count`,
    ]);
  }
  return found;
}
