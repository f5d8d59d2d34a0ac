import { derivedId } from '@ebb/core';
import { ANNOTATION } from './annotations.ts';
import type { Broker } from './resources/resources.ts';

export const DEFAULT_NAMESPACE = 'default';
/** The name of the port on which a worker has an HTTP server of its own. */
export const LISTENS = 'http';
/** The longest DNS label. */
const MAX_NAME = 63;
const HASH_LENGTH = 8;

/** A resource's name from its parts; a name that is too long is cut and told apart by a hash of the whole. */
export function resourceName(...parts: readonly string[]): string {
  const whole = parts.join('-');
  if (whole.length <= MAX_NAME) return whole;
  const hash = derivedId(whole).slice(0, HASH_LENGTH);
  return `${whole.slice(0, MAX_NAME - HASH_LENGTH - 1).replace(/-+$/, '')}-${hash}`;
}

/** The Trigger of a function; the topic is part of the name only where the function listens to several. */
export function triggerName(service: string, fn: string, topic?: string): string {
  return resourceName(service, fn, ...(topic === undefined ? [] : [topic]));
}

/** The Kafka consumer group of a Trigger. */
export function groupName(namespace: string, trigger: string): string {
  return `knative-trigger-${namespace}-${trigger}`;
}

/** The topic behind a Broker: the one that its annotation names, else one of its own. */
export function topicName({ metadata }: Pick<Broker, 'metadata'>): string {
  const { name, namespace = DEFAULT_NAMESPACE, annotations = {} } = metadata;
  return annotations[ANNOTATION.externalTopic] ?? `knative-broker-${namespace}-${name}`;
}

/** The host that Knative gives a service, or one tag of its traffic. */
export function serviceHost(name: string, namespace: string, domain: string, tag?: string): string {
  return `${tag === undefined ? '' : `${tag}-`}${name}.${namespace}.${domain}`;
}
