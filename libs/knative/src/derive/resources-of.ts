import type { CatalogueEntry } from '@ebb/catalogue';
import { DEFAULT_NAMESPACE } from '../names.ts';
import type { Resource } from '../resources/resources.ts';
import { brokerOf } from './broker.ts';
import { deploymentOf } from './deployment.ts';
import { knativeServiceOf } from './knative-service.ts';
import { pingSourceOf } from './ping-source.ts';
import { triggersOf } from './trigger.ts';

export interface DeriveOptions {
  readonly namespace?: string;
  /** The container image of an app. Default: `dev.local/<name>:dev`. */
  readonly image?: (name: string) => string;
}

/** What {@link DeriveOptions} come to, with the topics of all event types. */
export interface DeriveContext {
  readonly namespace: string;
  readonly image: (name: string) => string;
  readonly topicOf: (type: string) => string;
}

/** The Knative resources that definitions amount to. The same entries give the same resources in the same order. */
export function resourcesOf(entries: readonly CatalogueEntry[], options: DeriveOptions = {}): readonly Resource[] {
  const sorted = [...entries].sort((a, b) => compare(a.name, b.name));
  const topics = new Map(sorted.flatMap(({ events }) => events.map(({ type, topic }) => [type, topic] as const)));
  const context: DeriveContext = {
    namespace: options.namespace ?? DEFAULT_NAMESPACE,
    image: options.image ?? ((name) => `dev.local/${name}:dev`),
    // A type that no entry describes cannot be in an entry: it lists every type that it takes or emits.
    topicOf: (type) => topics.get(type) ?? '',
  };
  return [
    ...[...new Set(topics.values())].sort(compare).map((topic) => brokerOf(topic, context)),
    ...sorted.filter(({ kind }) => kind === 'service').map((entry) => knativeServiceOf(entry, context)),
    ...sorted.flatMap((entry) => triggersOf(entry, context)),
    ...sorted.flatMap((entry) => entry.schedules.map((schedule) => pingSourceOf(entry, schedule, context))),
    ...sorted.filter(({ kind }) => kind === 'worker').map((entry) => deploymentOf(entry, context)),
  ];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
