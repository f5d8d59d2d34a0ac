/** Annotations that Ebb reads or writes, by what they mean. */
export const ANNOTATION = {
  brokerClass: 'eventing.knative.dev/broker.class',
  externalTopic: 'kafka.eventing.knative.dev/external.topic',
  deliveryOrder: 'kafka.eventing.knative.dev/delivery.order',
  /** `enforce`: the local ingress checks an event's type and data before it accepts it. */
  schemas: 'ebb.dev/schemas',
  progressDeadline: 'serving.knative.dev/progress-deadline',
} as const;

export const AUTOSCALING = 'autoscaling.knative.dev/';
