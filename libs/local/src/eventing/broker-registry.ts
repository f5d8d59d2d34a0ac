import { ANNOTATION, DEFAULT_NAMESPACE, topicName, type Broker } from '@ebb/knative';

/** A Broker as ingress and dispatcher need it. */
export interface BrokerEntry {
  readonly namespace: string;
  readonly name: string;
  readonly topic: string;
  /** Whether data is checked against the catalogue before it is accepted (annotation `ebb.dev/schemas: enforce`). */
  readonly enforcesSchemas: boolean;
  readonly resource: Broker;
}

/** The Brokers of the runtime; they come and go while it runs. */
export interface BrokerRegistry {
  set(entry: BrokerEntry): void;
  remove(namespace: string, name: string): void;
  get(namespace: string, name: string): BrokerEntry | undefined;
  list(): readonly BrokerEntry[];
}

export function createBrokerRegistry(): BrokerRegistry {
  const entries = new Map<string, BrokerEntry>();
  const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;
  return {
    set: (entry) => void entries.set(keyOf(entry.namespace, entry.name), entry),
    remove: (namespace, name) => void entries.delete(keyOf(namespace, name)),
    get: (namespace, name) => entries.get(keyOf(namespace, name)),
    list: () => [...entries.values()],
  };
}

export function brokerEntry(resource: Broker): BrokerEntry {
  const { name, namespace = DEFAULT_NAMESPACE, annotations = {} } = resource.metadata;
  return {
    namespace,
    name,
    topic: topicName(resource),
    enforcesSchemas: annotations[ANNOTATION.schemas] === 'enforce',
    resource,
  };
}
