import { createHash } from 'node:crypto';
import { readJaeger } from '@ebb/traces';
import { send } from './http.ts';
import { publishToIngress } from './ingress.ts';
import type { KafkaTopics } from './kafka-topics.ts';
import type { Hints, Target } from './target.ts';

export interface ClusterOptions {
  readonly namespace: string;
  /** Before the name of every resource of the release. */
  readonly prefix: string;
  /** Where brokers take events, without namespace and name. */
  readonly ingressUrl: string;
  readonly jaegerUrl: string;
  readonly kafka: KafkaTopics;
  /** Of the service account that publishes, where brokers want to know. */
  readonly token?: string;
}

const MAX_NAME = 63;

/** What the chart calls a resource (its helper ebb.name): names that are too long are cut, and told apart by a hash of the whole. */
export function resourceName(prefix: string, name: string): string {
  const whole = `${prefix}${name}`;
  if (whole.length <= MAX_NAME) return whole;
  return `${whole.slice(0, 54).replace(/-$/, '')}-${createHash('sha256').update(whole).digest('hex').slice(0, 8)}`;
}

export function clusterHints(namespace: string, prefix = ''): Hints {
  const named = (name: string) => resourceName(prefix, name);
  return {
    ingress: (topic) => [
      `kubectl get broker ${named(topic)} -n ${namespace}`,
      `kubectl describe broker ${named(topic)} -n ${namespace}`,
      'kubectl logs -n knative-eventing deployment/kafka-broker-receiver --tail=50',
    ],
    topic: (topic) => ['kubectl get kafkatopic -A', `kubectl get broker ${named(topic)} -n ${namespace} -o yaml`],
    trigger: (trigger) => [
      `kubectl get trigger ${named(trigger)} -n ${namespace}`,
      `kubectl describe trigger ${named(trigger)} -n ${namespace}`,
      'kubectl logs -n knative-eventing statefulset/kafka-broker-dispatcher --tail=50',
    ],
    service: (service) => [
      `kubectl get ksvc ${named(service)} -n ${namespace}`,
      `kubectl logs -n ${namespace} -l serving.knative.dev/service=${named(service)} -c user-container --tail=50`,
    ],
    relay: () => [
      `kubectl get deployment ${named('relay')} -n ${namespace}`,
      `kubectl logs -n ${namespace} deployment/${named('relay')} --tail=50`,
    ],
    traces: () => [
      'kubectl get pods -n observability',
      'kubectl get configmap config-observability -n knative-eventing -o yaml',
    ],
  };
}

/** An installation of the chart: brokers of Knative, topics of Kafka, and a Jaeger. */
export function clusterTarget({ namespace, prefix, ingressUrl, jaegerUrl, kafka, token }: ClusterOptions): Target {
  const hints = clusterHints(namespace, prefix);
  const ingress = `${ingressUrl.replace(/\/+$/, '')}/${namespace}`;
  return {
    name: `namespace ${namespace}`,
    hints,
    publishHttp: (topic, event) =>
      publishToIngress({
        url: `${ingress}/${resourceName(prefix, topic)}`,
        event,
        ...(token !== undefined && { token }),
        look: hints.ingress(topic),
      }),
    publishToTopic: (topic, event) => kafka.publish(topic, event),
    watch: (topics, onEvent) => kafka.watch(topics, onEvent),
    triggerState: (trigger, event) =>
      kafka.groupState(`knative-trigger-${namespace}-${resourceName(prefix, trigger)}`, event),
    trace: (traceId) => readJaeger((path) => send(`${jaegerUrl.replace(/\/+$/, '')}${path}`), traceId),
    close: () => kafka.close(),
  };
}
