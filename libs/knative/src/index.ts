export { ANNOTATION, AUTOSCALING } from './annotations.ts';
export { Decider, type DecideOptions, type Decision } from './autoscaling/decider.ts';
export { goDurationMs } from './autoscaling/go-duration.ts';
export { LoadMetric } from './autoscaling/metric.ts';
export { ScaleToZero, type ZeroInput } from './autoscaling/scale-to-zero.ts';
export { scaleSettings, type ScaleSettings } from './autoscaling/settings.ts';
export { deadLetterAttributes, type FailedDelivery } from './delivery/dead-letter.ts';
export { kneHeaders, type KneHeaders } from './delivery/kne-headers.ts';
export { backoffMs, deliveryPolicyOf, isRetryable, type DataPlane, type DeliveryPolicy } from './delivery/policy.ts';
export { resourcesOf, type DeriveOptions } from './derive/resources-of.ts';
export { compileFilters, type EventPredicate } from './filters/filters.ts';
export {
  ingressStatus,
  parseIngressPath,
  type BrokerAddress,
  type EventVerdict,
  type IngressRequest,
} from './ingress.ts';
export { parseManifests, type IgnoredResource, type Manifests } from './manifest/parse.ts';
export { DEFAULT_NAMESPACE, groupName, resourceName, serviceHost, topicName, triggerName } from './names.ts';
export { balancePolicy, chooseInstance, type BalancePolicy, type BalanceState } from './queue/balance.ts';
export { admit, breakerLimits, type Admission, type BreakerLimits } from './queue/breaker.ts';
export {
  requestDeadlineMs,
  TIMEOUT_TEXT,
  timeoutAnswer,
  type RequestLimits,
  type TimeoutAnswer,
} from './queue/timeout.ts';
export type * from './resources/resources.ts';
export { nextRun } from './schedule.ts';
export {
  MAX_EVENT_BYTES,
  trapsOfEvent,
  trapsOfResponse,
  trapsOfTrigger,
  type PublishedEvent,
  type SubscriberAnswer,
  type TrapFinding,
} from './trap-findings.ts';
export { TRAPS, type Trap } from './traps.ts';
export { toYaml } from './yaml.ts';
