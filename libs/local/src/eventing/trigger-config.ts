import {
  ANNOTATION,
  compileFilters,
  DEFAULT_NAMESPACE,
  deliveryPolicyOf,
  groupName,
  type DeliveryPolicy,
  type Destination,
  type Trigger,
} from '@ebb/knative';
import type { CloudEvent } from '@ebb/events';
import type { BrokerEntry } from './broker-registry.ts';

/** A Trigger as the dispatcher needs it. A delivery keeps the configuration that it started with. */
export interface TriggerConfig {
  readonly namespace: string;
  readonly name: string;
  readonly group: string;
  readonly topic: string;
  readonly ordered: boolean;
  readonly subscriber: Destination;
  readonly policy: DeliveryPolicy;
  readonly deadLetterSink: Destination | undefined;
  readonly matches: (event: CloudEvent) => boolean;
  readonly resource: Trigger;
}

/** @throws EbbError EBB_MANIFEST when a filter is not valid */
export function triggerConfig(resource: Trigger, broker: BrokerEntry): TriggerConfig {
  const { name, namespace = DEFAULT_NAMESPACE, annotations = {} } = resource.metadata;
  const policy = deliveryPolicyOf(resource, broker.resource);
  return {
    namespace,
    name,
    group: groupName(namespace, name),
    topic: broker.topic,
    ordered: annotations[ANNOTATION.deliveryOrder] === 'ordered',
    subscriber: resource.spec.subscriber,
    policy,
    deadLetterSink: policy.deadLetterSink,
    matches: compileFilters(resource.spec),
    resource,
  };
}
