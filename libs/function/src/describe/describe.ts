import type { CatalogueEntry, EventEntry, FunctionEntry, ScheduleEntry, SettingEntry } from '@ebb/catalogue';
import { EbbError, isoDuration, type Json, type Settings } from '@ebb/core';
import type { EventDefinition } from '@ebb/events';

import { takenBy, type FunctionDefinition } from '../definition/function.ts';
import { eventsOf } from '../definition/route.ts';
import type { ScheduleDefinition } from '../definition/schedule.ts';
import type { ServiceDefinition } from '../definition/service.ts';
import type { WorkerNeeds } from '../definition/worker-needs.ts';
import type { WorkerDefinition } from '../definition/worker.ts';
import { CODE_VERSION } from '../version.ts';
import { describeRoutes } from './describe-routes.ts';
import { keyPointerOf } from './key-pointer.ts';

/**
 * The catalogue entry of a definition: what `--describe` prints.
 * @throws EbbError EBB_DEFINITION when an event's schema cannot be written as JSON Schema
 */
export function describe(definition: ServiceDefinition | WorkerDefinition): Promise<CatalogueEntry> {
  return definition.kind === 'service' ? describeService(definition) : Promise.resolve(describeWorker(definition));
}

async function describeService(service: ServiceDefinition): Promise<CatalogueEntry> {
  const { name, functions, identity, schedules, database, settings, scale, concurrency, timeoutMs } = service;
  return {
    kind: 'service',
    name,
    version: CODE_VERSION,
    functions: functions.map((fn) => describeFunction(fn, database !== undefined)),
    routes: await describeRoutes(service),
    ...(identity && { identity }),
    schedules: schedules.map(describeSchedule),
    events: await describeEvents(service),
    ...(database && { database: { schema: database.schema, migrations: true } }),
    outboxes: false,
    settings: describeSettings(settings),
    scale: { ...scale, timeoutMs, ...(concurrency !== undefined && { concurrency }) },
  };
}

/** A worker has no requests: what matters is how long it may take to stop. */
const WORKER_TIMEOUT_MS = 30_000;

function describeWorker({ name, outboxes, needs, database, settings }: WorkerDefinition): CatalogueEntry {
  return {
    kind: 'worker',
    name,
    version: CODE_VERSION,
    functions: [],
    routes: [],
    schedules: [],
    events: [],
    ...(database && { database: { schema: database.schema, migrations: true } }),
    outboxes,
    ...describeNeeds(needs),
    settings: describeSettings(settings),
    scale: { timeoutMs: WORKER_TIMEOUT_MS },
  };
}

function describeNeeds({ listens, catalogue, eventLog, identity, services }: WorkerNeeds): Partial<CatalogueEntry> {
  return {
    ...(listens && { listens }),
    ...(catalogue && { catalogue }),
    ...(eventLog && { eventLog }),
    ...(identity && { signsIdentity: true }),
    ...(services && { services }),
  };
}

/**
 * The broker's retries go beyond the handler's attempts: answers that are no attempt (409, 503 while PostgreSQL is away)
 * use them up too, and the event must be parked before the broker gives up on it.
 */
const SPARE_RETRIES = 4;

function describeFunction(fn: FunctionDefinition, transactional: boolean): FunctionEntry {
  const { name, filters, emits, timeoutMs, concurrency, order, retry } = fn;
  return {
    name,
    path: `/functions/${name}`,
    on: typesOf(takenBy(fn)),
    ...(filters.length > 0 && { filters }),
    emits: typesOf(emits),
    timeoutMs,
    concurrency,
    order,
    delivery: {
      retry: retry.attempts + SPARE_RETRIES,
      backoffPolicy: retry.backoff,
      backoffDelay: isoDuration(retry.delayMs),
    },
    effect: fn.mode === 'leased' ? 'leased' : transactional ? 'transactional' : 'none',
    ...(fn.mode === 'leased' && { leaseMs: fn.leaseMs }),
  };
}

function describeSchedule({ name, cron, timeZone, emits, data }: ScheduleDefinition): ScheduleEntry {
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    throw new EbbError('EBB_DEFINITION', `schedule "${name}": timeZone "${timeZone}" is unknown`);
  }
  return { name, cron, ...(timeZone !== undefined && { timeZone }), event: emits.type, data: data as Json };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

async function describeEvents({ functions, routes, schedules }: ServiceDefinition): Promise<readonly EventEntry[]> {
  const definitions = new Set([
    ...functions.flatMap((fn) => [...takenBy(fn), ...fn.emits]),
    ...routes.flatMap(eventsOf),
    ...schedules.map(({ emits }) => emits),
  ]);
  return Promise.all([...definitions].map(describeEvent));
}

async function describeEvent(definition: EventDefinition): Promise<EventEntry> {
  const { type, topic, example, description } = definition;
  const key = keyPointerOf(definition);
  return {
    type,
    topic,
    schema: await definition.jsonSchema(),
    example: example as Json,
    ...(key !== undefined && { key }),
    ...(description !== undefined && { description }),
  };
}

function describeSettings(settings: Settings): readonly SettingEntry[] {
  return Object.entries(settings).map(([name, { kind, description, secret, optional, fallback, service }]) => ({
    name,
    kind,
    description,
    secret,
    required: !optional && fallback === undefined,
    ...(fallback !== undefined && { default: fallback as Json }),
    ...(service !== undefined && { service }),
  }));
}

function typesOf(events: readonly EventDefinition[]): readonly string[] {
  return events.map(({ type }) => type);
}
