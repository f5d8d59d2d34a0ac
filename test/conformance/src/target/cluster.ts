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
}

export function clusterHints(namespace: string, prefix = ''): Hints {
  return {
    ingress: (topic) => [
      `kubectl get broker ${prefix}${topic} -n ${namespace}`,
      `kubectl describe broker ${prefix}${topic} -n ${namespace}`,
      'kubectl logs -n knative-eventing deployment/kafka-broker-receiver --tail=50',
    ],
    topic: (topic) => ['kubectl get kafkatopic -A', `kubectl get broker ${prefix}${topic} -n ${namespace} -o yaml`],
    trigger: (trigger) => [
      `kubectl get trigger ${prefix}${trigger} -n ${namespace}`,
      `kubectl describe trigger ${prefix}${trigger} -n ${namespace}`,
      'kubectl logs -n knative-eventing statefulset/kafka-broker-dispatcher --tail=50',
    ],
    service: (service) => [
      `kubectl get ksvc ${prefix}${service} -n ${namespace}`,
      `kubectl logs -n ${namespace} -l serving.knative.dev/service=${prefix}${service} -c user-container --tail=50`,
    ],
    relay: () => [
      `kubectl get deployment ${prefix}relay -n ${namespace}`,
      `kubectl logs -n ${namespace} deployment/${prefix}relay --tail=50`,
    ],
    traces: () => [
      'kubectl get pods -n observability',
      'kubectl get configmap config-observability -n knative-eventing -o yaml',
    ],
  };
}

/** An installation of the chart: brokers of Knative, topics of Kafka, and a Jaeger. */
export function clusterTarget({ namespace, prefix, ingressUrl, jaegerUrl, kafka }: ClusterOptions): Target {
  const hints = clusterHints(namespace, prefix);
  const ingress = `${ingressUrl.replace(/\/+$/, '')}/${namespace}`;
  return {
    name: `namespace ${namespace}`,
    hints,
    publishHttp: (topic, event) => publishToIngress(ingress, `${prefix}${topic}`, event, hints.ingress(topic)),
    publishToTopic: (topic, event) => kafka.publish(topic, event),
    watch: (topics, onEvent) => kafka.watch(topics, onEvent),
    triggerState: (trigger, event) => kafka.groupState(`knative-trigger-${namespace}-${prefix}${trigger}`, event),
    trace: (traceId) => readJaeger((path) => send(`${jaegerUrl.replace(/\/+$/, '')}${path}`), traceId),
    close: () => kafka.close(),
  };
}
