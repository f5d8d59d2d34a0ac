import { createHash } from 'node:crypto';

export const DEFAULT_NAMESPACE = 'default';
/** The longest DNS label. */
const MAX_NAME = 63;
const HASH_LENGTH = 8;

/** A resource's name from its parts; a name that is too long is cut and told apart by a hash of the whole. */
export function resourceName(...parts: readonly string[]): string {
  const whole = parts.join('-');
  if (whole.length <= MAX_NAME) return whole;
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, HASH_LENGTH);
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

/** The host that Knative gives a service. */
export function serviceHost(name: string, namespace: string, domain: string): string {
  return `${name}.${namespace}.${domain}`;
}
