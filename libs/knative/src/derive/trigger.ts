import type { CatalogueEntry, FunctionEntry } from '@ebb/catalogue';
import { EbbError, isoDuration, messageOf } from '@ebb/core';
import { REDELIVERY_TOPIC, TARGET_ATTRIBUTE, targetOf } from '@ebb/events';
import { ANNOTATION } from '../annotations.ts';
import { compileFilters } from '../filters/filters.ts';
import { triggerName } from '../names.ts';
import type { SubscriptionFilter, Trigger } from '../resources/resources.ts';
import { metadataOf } from './metadata.ts';
import type { DeriveContext } from './resources-of.ts';

/** Time that a delivery may take beyond the handler's own: queueing, a cold start, the transaction. */
const DELIVERY_SLACK_MS = 30_000;
const MAX_DELIVERY_MS = 600_000;

/**
 * One Trigger for each function and each topic that its events come from.
 * @throws EbbError EBB_DEFINITION when a filter of the function is not valid
 */
export function triggersOf(entry: CatalogueEntry, context: DeriveContext): readonly Trigger[] {
  return entry.functions.flatMap((fn) => {
    const topics = [...new Set(fn.on.map(context.topicOf))].sort();
    return topics.map((topic) => triggerOf(entry, fn, topic, topics.length > 1, context));
  });
}

/**
 * One more Trigger for each function that remembers deliveries: what is sent again (a redrive, an event that was parked until it is due, a wake-up)
 * reaches that function and no other.
 */
export function redeliveryTriggersOf(entry: CatalogueEntry, context: DeriveContext): readonly Trigger[] {
  const { name: service, database, functions } = entry;
  if (!database) return [];
  return functions.map((fn) => {
    const name = triggerName(service, fn.name, REDELIVERY_TOPIC);
    const filters = [{ exact: { [TARGET_ATTRIBUTE]: targetOf(service, fn.name) } }];
    return subscription({ service, fn, name, broker: REDELIVERY_TOPIC, filters }, context);
  });
}

function triggerOf(
  { name: service }: CatalogueEntry,
  fn: FunctionEntry,
  topic: string,
  isOneOfSeveral: boolean,
  context: DeriveContext,
): Trigger {
  const types = fn.on.filter((type) => context.topicOf(type) === topic);
  const name = triggerName(service, fn.name, isOneOfSeveral ? topic : undefined);
  const filters = [typeFilter(types), ...filtersOf(service, fn)];
  return subscription({ service, fn, name, broker: topic, filters }, context);
}

interface Subscription {
  readonly service: string;
  readonly fn: FunctionEntry;
  readonly name: string;
  readonly broker: string;
  readonly filters: readonly SubscriptionFilter[];
}

function subscription({ service, fn, name, broker, filters }: Subscription, context: DeriveContext): Trigger {
  const { deadLetterSink } = context;
  return {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Trigger',
    metadata: metadataOf(name, service, context, { [ANNOTATION.deliveryOrder]: fn.order }),
    spec: {
      broker,
      filters,
      subscriber: {
        ref: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: service },
        uri: fn.path,
      },
      // In full: what a Trigger's block leaves out is not filled in from the Broker's.
      delivery: {
        ...fn.delivery,
        // Longer than a lease: a delivery that was cut off must not come again while the first may still be at work.
        timeout: isoDuration(Math.min((fn.leaseMs ?? fn.timeoutMs) + DELIVERY_SLACK_MS, MAX_DELIVERY_MS)),
        ...(deadLetterSink && { deadLetterSink }),
      },
    },
  };
}

function filtersOf(service: string, { name, filters = [] }: FunctionEntry): readonly SubscriptionFilter[] {
  const own = filters as readonly SubscriptionFilter[];
  try {
    compileFilters({ filters: own });
  } catch (error) {
    throw new EbbError('EBB_DEFINITION', `function ${name} of ${service}: ${messageOf(error)}`, { cause: error });
  }
  return own;
}

function typeFilter(types: readonly string[]): SubscriptionFilter {
  const exact = types.map((type) => ({ exact: { type } }));
  return exact.length === 1 && exact[0] ? exact[0] : { any: exact };
}
