import type { DurationString, Settings } from '@ebb/core';
import type { EventDefinition } from '@ebb/events';

import { takenBy, type FunctionDefinition, type LeasedFunctionDefinition } from './function.ts';
import { needsCaller } from './route-access.ts';
import { eventsOf, nameOf, type RouteDefinition } from './route.ts';
import type { ScheduleDefinition } from './schedule.ts';
import { schemaOf } from './schema-of.ts';
import { checkIdentity, checkTokens, shapeOf, type IdentityDefinition } from './service-routes.ts';
import { definitionOf, type DefinitionChecks } from './validate.ts';

/** How many processes of a service run, and when. Each field has Knative's default. */
export interface ScaleOptions {
  /** Default 0: an idle service has no process. */
  readonly min?: number;
  /** Default: no limit. */
  readonly max?: number;
  /** Requests in flight per process that the autoscaler aims at. */
  readonly target?: number;
  /** The time over which load is averaged. */
  readonly window?: DurationString;
  /** How long a process may take to become ready. */
  readonly startTimeout?: DurationString;
  /** Further annotations of the revision (`autoscaling.knative.dev/…`). */
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface ServiceOptions {
  readonly functions?: readonly FunctionDefinition[];
  readonly routes?: readonly RouteDefinition[];
  /** Of a service that issues tokens: where whoever is to believe them finds out how. */
  readonly identity?: IdentityDefinition;
  readonly schedules?: readonly ScheduleDefinition[];
  /** The folder of the service's own SQL files, relative to the app. Needed to emit events. */
  readonly database?: { readonly migrations: string };
  readonly settings?: Settings;
  readonly scale?: ScaleOptions;
  /** Requests that one process takes at once (containerConcurrency). Default: no limit. */
  readonly concurrency?: number;
  /** Caps every request (timeoutSeconds). Default: the longest timeout of a function or route plus slack, at least 30s. */
  readonly timeout?: DurationString;
}

export interface ScaleDefinition {
  readonly min?: number;
  readonly max?: number;
  readonly target?: number;
  readonly windowMs?: number;
  readonly startTimeoutMs?: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface ServiceDefinition {
  readonly kind: 'service';
  readonly name: string;
  readonly functions: readonly FunctionDefinition[];
  readonly routes: readonly RouteDefinition[];
  readonly identity: IdentityDefinition | undefined;
  /** Whether a route has to know who calls. */
  readonly needsCaller: boolean;
  readonly schedules: readonly ScheduleDefinition[];
  /** `schema` is the default of DATABASE_SCHEMA. */
  readonly database: { readonly migrations: string; readonly schema: string } | undefined;
  /** The service's own settings and those of its functions and routes. */
  readonly settings: Settings;
  readonly scale: ScaleDefinition;
  readonly concurrency: number | undefined;
  readonly timeoutMs: number;
}

/** Knative's `max-revision-timeout-seconds`. */
const MAX_TIMEOUT_MS = 600_000;
const MIN_DEFAULT_TIMEOUT_MS = 30_000;
/** Queueing, the transaction and its answer come on top of the handler's own time. */
const TIMEOUT_SLACK_MS = 5_000;

/**
 * Defines a service: everything that one process serves, visible at a glance.
 * @throws EbbError EBB_DEFINITION, naming the service and the field
 */
export function defineService(name: string, options: ServiceOptions): ServiceDefinition {
  const check = definitionOf('service', name);
  check.name();
  const { functions = [], routes = [], schedules = [] } = options;
  check.unique(
    'functions',
    functions.map((fn) => fn.name),
  );
  check.unique('routes', routes.map(shapeOf));
  check.unique(
    'schedules',
    schedules.map((schedule) => schedule.name),
  );
  checkEvents(check, [
    ...functions.flatMap((fn) => [...takenBy(fn), ...fn.emits]),
    ...routes.flatMap(eventsOf),
    ...schedules.map(({ emits }) => emits),
  ]);
  checkOutbox(check, options);
  const settings = mergeSettings(check, [options, ...functions, ...routes]);
  checkTokens(check, routes, settings);
  checkIdentity(check, routes, options.identity);
  return Object.freeze({
    kind: 'service',
    name,
    functions,
    routes,
    schedules,
    database: options.database && { migrations: options.database.migrations, schema: schemaOf(name) },
    identity: options.identity,
    needsCaller: routes.some((route) => needsCaller(route.access)),
    settings,
    scale: scaleOf(check, options.scale ?? {}),
    concurrency:
      options.concurrency === undefined
        ? undefined
        : check.integer('concurrency', options.concurrency, { min: 1, max: 1_000 }),
    timeoutMs: timeoutOf(check, options),
  } satisfies ServiceDefinition);
}

/** Two definitions of one type would check the same event against different schemas. */
function checkEvents(check: DefinitionChecks, events: readonly EventDefinition[]): void {
  const byType = new Map<string, EventDefinition>();
  for (const event of events) {
    const known = byType.get(event.type) ?? event;
    check.that(known === event, 'events', `has two definitions of "${event.type}"`);
    byType.set(event.type, event);
  }
}

function checkOutbox(check: DefinitionChecks, options: ServiceOptions): void {
  const { functions = [], routes = [], schedules = [], database } = options;
  if (database) return;
  for (const { name } of schedules) {
    check.that(false, 'database', `is missing: schedule "${name}" publishes through the outbox`);
  }
  for (const fn of functions) {
    check.that(
      fn.mode !== 'leased',
      'database',
      `is missing: function "${fn.name}" is leased and remembers its steps there`,
    );
    check.that(fn.emits.length === 0, 'database', `is missing: function "${fn.name}" emits events through the outbox`);
  }
  for (const route of routes) {
    check.that(
      route.emits.length === 0,
      'database',
      `is missing: route "${nameOf(route)}" emits events through the outbox`,
    );
  }
}

const RUNTIME_SETTINGS =
  /^(HOST|PORT|LOG_LEVEL|DATABASE_(URL|SCHEMA|ADMIN_URL|RELAY_ROLE|PATIENCE)|(K|OTEL|EBB|NODE)_.*)$/;

function mergeSettings(check: DefinitionChecks, parts: readonly { readonly settings?: Settings }[]): Settings {
  const merged: Record<string, Settings[string]> = {};
  for (const { settings = {} } of parts) {
    for (const [key, value] of Object.entries(settings)) {
      check.that(
        /^[A-Z][A-Z0-9_]*$/.test(key),
        `settings.${key}`,
        'must be in capitals, as an environment variable is',
      );
      check.that(!RUNTIME_SETTINGS.test(key), `settings.${key}`, 'belongs to the runtime');
      check.that((merged[key] ?? value) === value, `settings.${key}`, 'has two definitions');
      merged[key] = value;
    }
  }
  return merged;
}

function timeoutOf(check: DefinitionChecks, { timeout, functions = [], routes = [] }: ServiceOptions): number {
  const limited = routes.flatMap((route) =>
    route.timeoutMs === undefined ? [] : [{ name: nameOf(route), timeoutMs: route.timeoutMs }],
  );
  const longest = Math.max(
    0,
    ...functions.map((fn) => (fn.mode === 'leased' ? fn.leaseMs : fn.timeoutMs)),
    ...limited.map((route) => route.timeoutMs),
  );
  const timeoutMs =
    timeout === undefined
      ? Math.min(MAX_TIMEOUT_MS, Math.max(MIN_DEFAULT_TIMEOUT_MS, longest + TIMEOUT_SLACK_MS))
      : check.duration('timeout', timeout, { min: 1_000, max: MAX_TIMEOUT_MS });
  for (const route of limited) {
    check.that(
      timeoutMs >= route.timeoutMs,
      'timeout',
      `${timeoutMs} ms is shorter than route "${route.name}"'s (${route.timeoutMs} ms)`,
    );
  }
  for (const fn of functions) {
    if (fn.mode === 'leased') checkLease(check, fn, timeoutMs);
    else
      check.that(
        timeoutMs >= fn.timeoutMs,
        'timeout',
        `${timeoutMs} ms is shorter than function "${fn.name}"'s (${fn.timeoutMs} ms)`,
      );
  }
  return timeoutMs;
}

/** A delivery that is cut off before its lease is over would come again while the first may still be at work. */
function checkLease(
  check: DefinitionChecks,
  { name, timeoutMs, leaseMs }: LeasedFunctionDefinition,
  deliveryMs: number,
): void {
  check.that(
    timeoutMs < leaseMs && leaseMs < deliveryMs,
    'timeout',
    `does not suit function "${name}": handler timeout < lease < delivery timeout must hold, but they are ${timeoutMs} ms, ${leaseMs} ms and ${deliveryMs} ms`,
  );
}

const MAX_PROCESSES = 10_000;
const MIN_WINDOW_MS = 6_000;
const MAX_WINDOW_MS = 3_600_000;

function scaleOf(check: DefinitionChecks, scale: ScaleOptions): ScaleDefinition {
  const { min, max, target, window, startTimeout, annotations } = scale;
  check.that(min === undefined || max === undefined || min <= max, 'scale.min', 'is more than scale.max');
  check.that(target === undefined || target >= 0.01, 'scale.target', 'must be at least 0.01');
  return {
    ...(min !== undefined && { min: check.integer('scale.min', min, { min: 0, max: MAX_PROCESSES }) }),
    ...(max !== undefined && { max: check.integer('scale.max', max, { min: 1, max: MAX_PROCESSES }) }),
    ...(target !== undefined && { target }),
    ...(window !== undefined && {
      windowMs: check.duration('scale.window', window, { min: MIN_WINDOW_MS, max: MAX_WINDOW_MS }),
    }),
    ...(startTimeout !== undefined && {
      startTimeoutMs: check.duration('scale.startTimeout', startTimeout, { min: 1_000, max: MAX_TIMEOUT_MS }),
    }),
    ...(annotations && { annotations }),
  };
}
