import type { EventLog } from '@ebb/event-log';
import { REDELIVERY_TOPIC } from '@ebb/events';
import type { Resource, Trigger } from '@ebb/knative';
import { countParked, type ParkedCounts } from '@ebb/postgres/parked';
import type { Pool } from 'pg';
import type { StatusReport, TriggerReport } from './control/api.ts';
import { circuitReports, reportOf, type ServiceDatabase } from './database-report.ts';
import type { DeadLetterStore, Eventing } from './eventing/index.ts';
import type { TriggerStatus } from './eventing/trigger-status.ts';
import type { Serving } from './serving/serving.ts';

export interface StatusSources {
  readonly url: string;
  readonly otlpUrl: string;
  readonly startedAt: number;
  readonly serving: Serving;
  readonly eventing: Eventing;
  readonly log: EventLog;
  readonly deadLetters: DeadLetterStore;
  readonly pool: Pool;
  readonly resources: () => readonly Resource[];
  readonly databases: () => readonly ServiceDatabase[];
  readonly buildErrors: () => StatusReport['buildErrors'];
}

/** Everything that `ebb status` shows, at one moment. */
export async function statusOf(sources: StatusSources): Promise<StatusReport> {
  const { serving, eventing, url, otlpUrl } = sources;
  const [databases, parked, circuits, topics, deadLetters] = await Promise.all([
    Promise.all(sources.databases().map((database) => reportOf(sources.pool, database))),
    Promise.all(sources.databases().map((database) => parkedOf(sources.pool, database))),
    Promise.all(sources.databases().map((database) => circuitReports(sources.pool, database))),
    topicsOf(sources.log, eventing.topics()),
    sources.deadLetters.count(),
  ]);
  return {
    url,
    otlpUrl,
    uptimeMs: Date.now() - sources.startedAt,
    services: serving.status(),
    triggers: triggersOf(eventing, sources.resources()),
    topics,
    databases,
    circuits: circuits.flat().sort((a, b) => Number(a.state === 'closed') - Number(b.state === 'closed')),
    outboxPending: databases.reduce((sum, { pending }) => sum + pending, 0),
    parked: Object.fromEntries(parked),
    deadLetters,
    traps: eventing.traps(),
    buildErrors: sources.buildErrors(),
  };
}

async function parkedOf(pool: Pool, { service, schema }: ServiceDatabase): Promise<[string, ParkedCounts['waiting']]> {
  return [service, (await countParked(pool, schema)).waiting];
}

/** Those of the brokers: a Kafka may hold many more, and they are no business of this runtime. */
async function topicsOf(log: EventLog, names: readonly string[]): Promise<StatusReport['topics']> {
  const topics = await log.topics(names);
  return await Promise.all(
    topics.map(async ({ name, partitions }) => {
      const ends = await log.endOffsets(name);
      return { name, partitions, events: [...ends.values()].reduce((sum, end) => sum + Number(end), 0) };
    }),
  );
}

function triggersOf(eventing: Eventing, resources: readonly Resource[]): readonly TriggerReport[] {
  const triggers = new Map(
    resources
      .filter((resource): resource is Trigger => resource.kind === 'Trigger')
      .map((trigger) => [trigger.metadata.name, trigger]),
  );
  const [again, first] = partition(eventing.triggers(), ({ broker }) => broker === REDELIVERY_TOPIC);
  const shown = new Set<TriggerStatus>();
  return first.map((status) => {
    const trigger = triggers.get(status.name);
    // Shown with its function, once: a function with several topics has one Trigger for each, and one for what is sent to it again.
    const redelivery = again.find(({ subscriber }) => subscriber === status.subscriber);
    const isShown = redelivery !== undefined && !shown.has(redelivery);
    if (redelivery) shown.add(redelivery);
    return {
      name: status.name,
      broker: status.broker,
      service: trigger?.spec.subscriber.ref?.name ?? status.subscriber,
      types: typesIn([trigger?.spec.filters ?? [], trigger?.spec.filter ?? {}]),
      ...figuresOf(status),
      ...(isShown && { redelivery: figuresOf(redelivery) }),
    };
  });
}

function figuresOf({ lag, inFlight, delivered, retried, deadLettered }: TriggerStatus) {
  return { lag, inFlight, delivered, retried, deadLettered };
}

function partition<T>(all: readonly T[], isIn: (one: T) => boolean): readonly [T[], T[]] {
  return [all.filter(isIn), all.filter((one) => !isIn(one))];
}

/** The event types that a filter names exactly, however deep: what a person wants to see of it. */
function typesIn(filter: unknown): readonly string[] {
  if (Array.isArray(filter)) return filter.flatMap(typesIn);
  if (typeof filter !== 'object' || filter === null) return [];
  return Object.entries(filter).flatMap(([key, value]) =>
    key === 'type' && typeof value === 'string' ? [value] : key === 'not' ? [] : typesIn(value),
  );
}
