import { REDELIVERY_TOPIC } from '@ebb/events';
import { ANNOTATION } from '../annotations.ts';
import { DEFAULT_DELIVERY } from '../delivery/policy.ts';
import type { Broker } from '../resources/resources.ts';
import { metadataOf } from './metadata.ts';
import type { DeriveContext } from './resources-of.ts';

/** One Broker per topic, named like it: HTTP and Kafka producers reach the same events. */
export function brokerOf(topic: string, context: DeriveContext): Broker {
  const { brokerConfig, deadLetterSink } = context;
  return {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Broker',
    metadata: metadataOf(topic, topic, context, {
      [ANNOTATION.brokerClass]: 'Kafka',
      [ANNOTATION.externalTopic]: topic,
      // What is sent again was checked when it came first, maybe against an older schema.
      ...(topic !== REDELIVERY_TOPIC && { [ANNOTATION.schemas]: 'enforce' }),
    }),
    spec: {
      config: { apiVersion: 'v1', kind: 'ConfigMap', ...brokerConfig },
      delivery: { ...DEFAULT_DELIVERY, ...(deadLetterSink && { deadLetterSink }) },
    },
  };
}
