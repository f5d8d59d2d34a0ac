import type { EventLog } from '@ebb/event-log';
import type { Resource, Trigger } from '@ebb/knative';
import type { Pool } from 'pg';
import type { StatusReport, TriggerReport } from './control/api.ts';
import type { DeadLetterStore, Eventing } from './eventing/index.ts';
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
  readonly schemas: () => readonly string[];
  readonly buildErrors: () => StatusReport['buildErrors'];
}

/** Everything that `ebb status` shows, at one moment. */
export async function statusOf(sources: StatusSources): Promise<StatusReport> {
  const { serving, eventing, url, otlpUrl } = sources;
  const [outboxes, topics, deadLetters] = await Promise.all([
    Promise.all(sources.schemas().map((schema) => outboxOf(sources.pool, schema))),
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
    outboxPending: outboxes.reduce((sum, { pending }) => sum + pending, 0),
    parked: Object.fromEntries(outboxes.map(({ schema, parked }) => [schema, parked])),
    deadLetters,
    traps: eventing.traps(),
    buildErrors: sources.buildErrors(),
  };
}

interface OutboxState {
  readonly schema: string;
  readonly pending: number;
  readonly parked: number;
}

async function outboxOf(pool: Pool, schema: string): Promise<OutboxState> {
  // A schema's name is derived from a DNS label: lower case letters, digits and underscores.
  const { rows } = await pool.query<{ pending: number; parked: number }>(
    `SELECT (SELECT count(*)::int FROM "${schema}".outbox WHERE published_at IS NULL) AS pending,
            (SELECT count(*)::int FROM "${schema}".parked WHERE closed_at IS NULL) AS parked`,
  );
  return { schema, pending: rows[0]?.pending ?? 0, parked: rows[0]?.parked ?? 0 };
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
  return eventing.triggers().map((status) => {
    const trigger = triggers.get(status.name);
    return {
      name: status.name,
      broker: status.broker,
      service: trigger?.spec.subscriber.ref?.name ?? status.subscriber,
      types: typesIn([trigger?.spec.filters ?? [], trigger?.spec.filter ?? {}]),
      lag: status.lag,
      inFlight: status.inFlight,
      delivered: status.delivered,
      retried: status.retried,
      deadLettered: status.deadLettered,
    };
  });
}

/** The event types that a filter names exactly, however deep: what a person wants to see of it. */
function typesIn(filter: unknown): readonly string[] {
  if (Array.isArray(filter)) return filter.flatMap(typesIn);
  if (typeof filter !== 'object' || filter === null) return [];
  return Object.entries(filter).flatMap(([key, value]) =>
    key === 'type' && typeof value === 'string' ? [value] : key === 'not' ? [] : typesIn(value),
  );
}
