import type { CatalogueEntry } from '@ebb/catalogue';
import { EbbError } from '@ebb/core';
import { REDELIVERY_TOPIC } from '@ebb/events';
import { DEFAULT_NAMESPACE } from '../names.ts';
import type { Destination, Resource } from '../resources/resources.ts';
import { brokerOf } from './broker.ts';
import { deploymentOf } from './deployment.ts';
import { knativeServiceOf } from './knative-service.ts';
import { pingSourceOf } from './ping-source.ts';
import { redeliveryTriggersOf, triggersOf } from './trigger.ts';

export interface DeriveOptions {
  readonly namespace?: string;
  /** The container image of an app. Default: `dev.local/<name>:dev`. */
  readonly image?: (name: string) => string;
  /** Literal variables of an app's container, beside those that Knative sets; PORT is left out. Default: none. */
  readonly env?: (entry: CatalogueEntry) => Readonly<Record<string, string>>;
  /** Where events go that nobody took. Default: open, for the chart to fill in. */
  readonly deadLetterSink?: Destination;
  /** The ConfigMap with the Kafka broker's settings. Default: `kafka-broker-config` of `knative-eventing`. */
  readonly brokerConfig?: { readonly name: string; readonly namespace: string };
}

/** What {@link DeriveOptions} come to, with the topics of all event types. */
export interface DeriveContext {
  readonly namespace: string;
  readonly image: (name: string) => string;
  readonly env: (entry: CatalogueEntry) => Readonly<Record<string, string>>;
  readonly deadLetterSink: Destination | undefined;
  readonly brokerConfig: { readonly name: string; readonly namespace: string };
  readonly topicOf: (type: string) => string;
}

/**
 * The Knative resources that definitions amount to: a Broker per topic, a Service per service, a Trigger per function and topic, with a database
 * one more per function (and a Broker) for what is sent to it again, a PingSource per schedule, a Deployment per worker. The same entries give the same resources in the same order, however sorted.
 * @throws EbbError EBB_DEFINITION when entries contradict each other, or when two of their resources would have one name
 */
export function resourcesOf(entries: readonly CatalogueEntry[], options: DeriveOptions = {}): readonly Resource[] {
  const sorted = [...entries].sort((a, b) => compare(a.name, b.name));
  refuseNamesakes(sorted);
  const topics = topicsOf(sorted);
  const context: DeriveContext = {
    namespace: options.namespace ?? DEFAULT_NAMESPACE,
    image: options.image ?? ((name) => `dev.local/${name}:dev`),
    env: options.env ?? (() => ({})),
    deadLetterSink: options.deadLetterSink,
    brokerConfig: options.brokerConfig ?? { name: 'kafka-broker-config', namespace: 'knative-eventing' },
    topicOf: (type) => topics.get(type) ?? refuse(`no entry says in which topic ${type} is`),
  };
  const resources = [
    ...brokerTopics(sorted, topics).map((topic) => brokerOf(topic, context)),
    ...sorted.filter(({ kind }) => kind === 'service').map((entry) => knativeServiceOf(entry, context)),
    ...sorted.flatMap((entry) => [...triggersOf(entry, context), ...redeliveryTriggersOf(entry, context)]),
    ...sorted.flatMap((entry) => entry.schedules.map((schedule) => pingSourceOf(entry, schedule, context))),
    ...sorted.filter(({ kind }) => kind === 'worker').map((entry) => deploymentOf(entry, context)),
  ];
  refuseRepetitions(resources);
  return resources;
}

function brokerTopics(entries: readonly CatalogueEntry[], topics: ReadonlyMap<string, string>): readonly string[] {
  const isRedelivered = entries.some(({ database, functions }) => database !== undefined && functions.length > 0);
  return [...new Set([...topics.values(), ...(isRedelivered ? [REDELIVERY_TOPIC] : [])])].sort(compare);
}

/** Each type of event lives in one topic, whoever speaks of it. */
function topicsOf(entries: readonly CatalogueEntry[]): ReadonlyMap<string, string> {
  const topics = new Map<string, string>();
  for (const { name, events } of entries) {
    for (const { type, topic } of events) {
      const known = topics.get(type);
      if (known !== undefined && known !== topic) {
        refuse(`${name} has ${type} in the topic ${topic}, another service in ${known}: build both again`);
      }
      if (topic === REDELIVERY_TOPIC) refuse(`${name} has ${type} in the topic ${topic}, which is the platform's own`);
      topics.set(type, topic);
    }
  }
  return topics;
}

/** Each is reached by its name. */
function refuseNamesakes(sorted: readonly CatalogueEntry[]): void {
  for (const [at, { name, kind }] of sorted.entries()) {
    const other = sorted[at + 1];
    if (other?.name !== name) continue;
    const who = kind === other.kind ? `two ${kind}s` : 'a worker and a service';
    refuse(`${who} are called ${name}: rename one of them`);
  }
}

/** `a-b` with the function `c`, and `a` with `b-c`, would have one Trigger: one of them would never see an event. */
function refuseRepetitions(resources: readonly Resource[]): void {
  const owners = new Map<string, string>();
  for (const { kind, metadata } of resources) {
    const key = `${kind} ${metadata.name}`;
    const owner = metadata.labels?.['app.kubernetes.io/name'] ?? metadata.name;
    const other = owners.get(key);
    if (other !== undefined)
      refuse(`${other} and ${owner} both need a ${key}: rename a service, a function or a schedule`);
    owners.set(key, owner);
  }
}

function refuse(message: string): never {
  throw new EbbError('EBB_DEFINITION', message);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
