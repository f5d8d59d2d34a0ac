import { durationMs, EbbError, type DurationString } from '@ebb/core';
import type { CloudEvent } from '@ebb/events';
import type { ServiceDefinition } from '@ebb/function';
import type { CrashPoint, Sql } from '@ebb/postgres';
import type { ParkedEvent } from '@ebb/postgres/parked';
import { Broker } from './broker.ts';
import { Crashes, type CrashOptions } from './crash/crashes.ts';
import type { Advanced, Delivery, Scheduled, Woken } from './delivery.ts';
import { handleHere } from './host.ts';
import type { Answer } from './in-memory-http.ts';
import { observed } from './observed-database.ts';
import { Points, type Held } from './points.ts';
import { RouteRequests, type RouteRequestOptions } from './route-requests.ts';
import { loadRuntime, type Runtime } from './runtime.ts';
import { Storage, type Rows } from './storage.ts';

export interface TestServiceOptions {
  /** The folder of the service's SQL files, for a service with a database. */
  readonly migrations?: URL | string;
  /** The values of its settings. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The file that exports what is tested. Only `crashAt` needs it: the process that it kills loads it anew. */
  readonly module?: URL | string;
}

export interface Reply extends Answer {
  /** What the request made the service emit, in order. */
  readonly emitted: readonly CloudEvent[];
}

/** What a service remembers. */
export interface State {
  /** All rows of its own tables, by table. */
  readonly rows: Readonly<Record<string, Rows>>;
  /** What `after` has set and is not due yet, the earliest first. */
  readonly timers: readonly Scheduled[];
  /** What is parked and not closed, the earliest first. */
  readonly parked: readonly ParkedEvent[];
}

/** A service in this process, with a database of its own and no sockets. */
export interface TestService {
  /** Delivers an event to one of its functions as a broker does, once; and what that sets off at once. */
  deliver(fn: string, event: CloudEvent): Promise<Delivery>;
  /** Delivers a batch in one request. */
  deliverBatch(fn: string, events: readonly CloudEvent[]): Promise<readonly Delivery[]>;
  /** Delivers an event twice, one after the other or at the same time: only one may be `done`. */
  deliverTwice(
    fn: string,
    event: CloudEvent,
    options?: { concurrently?: boolean },
  ): Promise<readonly [Delivery, Delivery]>;
  /**
   * Delivers an event, and loses what its step gave: the effect happened, and nobody wrote it down. Deliver it again to see what the step makes
   * of that.
   * @throws EbbError EBB_DEFINITION when the step was not performed
   */
  stepOutcomeUnknown(fn: string, step: string, event: CloudEvent): Promise<Delivery>;
  /**
   * Does what `run` says with a process of the service that is killed (SIGKILL) at a point, and then, as a broker does, delivers again what the
   * dead process did not answer. Resolves to what `run` does.
   * @throws EbbError EBB_DEFINITION when no process came to the point
   */
  crashAt<T>(point: CrashPoint, run: () => Promise<T>, options?: CrashOptions): Promise<T>;
  /** Holds the next delivery that comes to a point, until it is released. */
  holdAt(point: CrashPoint, options?: CrashOptions): Held;
  /** Lets time pass, and delivers what comes due in the meantime: timers, sleeps, waits, and what is parked until its time. */
  advance(duration: DurationString): Promise<Advanced>;
  /** Sends a parked event to its function again, as a person does. */
  redrive(parked: Pick<ParkedEvent, 'id'>): Promise<readonly Woken[]>;
  /**
   * Sends an HTTP request to its routes, as nobody, or as a caller that the gateway knows.
   * @throws EbbError EBB_DEFINITION when the answer is none of those that its route promises
   */
  request(method: string, path: string, options?: RouteRequestOptions): Promise<Reply>;
  /** The service's schema. */
  readonly db: Sql;
  /** What it has come to; nothing of all that without a database. */
  state(): Promise<State>;
  /** Removes the database. @throws EbbError EBB_RUNTIME when a connection was left open */
  close(): Promise<void>;
}

/** What a service under test consists of, besides its definition. */
interface Parts {
  readonly runtime: Runtime;
  readonly storage: Storage | undefined;
  readonly points: Points;
  readonly crashes: Crashes;
  readonly broker: Broker;
  readonly listener: ReturnType<Runtime['createHandler']>;
  readonly requests: RouteRequests;
  readonly close: () => Promise<void>;
}

/** What is tested: a service, or one function in a service of its own. */
export type Tested = { readonly kind: 'function' | 'service'; readonly name: string };

const MAX_PARKED = 1_000;

/** Sets a service up for a test: migrated database, routes and functions, exactly as they are served. */
export async function testService(
  definition: ServiceDefinition,
  options: TestServiceOptions = {},
): Promise<TestService> {
  const { name } = definition;
  return serviceOfParts(definition, await assemble(definition, { kind: 'service', name }, options));
}

export async function assemble(
  definition: ServiceDefinition,
  tested: Tested,
  { migrations, config = {}, module }: TestServiceOptions,
): Promise<Parts> {
  const runtime = await loadRuntime();
  const points = new Points();
  const { onPoint } = points;
  const { name: service, database: { schema } = {} } = definition;
  const storage =
    schema === undefined ? undefined : await Storage.open(runtime, { service, schema, migrations, onPoint });
  const telemetry = runtime.startTelemetry({ service, logLevel: 'silent' });
  const watched = storage && observed(storage.database);
  const database = watched && { database: watched.database };
  const requests = new RouteRequests(definition, runtime);
  const { identityKeys, onRoute } = requests;
  const dependencies = { telemetry, config, onPoint, identityKeys, onRoute, ...database };
  const listener = runtime.createHandler(definition, dependencies);
  const crashes = new Crashes({ tested, module, config, database: storage });
  const broker = new Broker({
    ...{ definition, runtime, storage },
    handle: (message) => crashes.handle(message, () => handleHere(listener, watched, message)),
  });
  const close = async () => {
    await telemetry.shutdown();
    await storage?.close();
  };
  return { runtime, storage, points, crashes, broker, listener, requests, close };
}

export function serviceOfParts({ name }: ServiceDefinition, parts: Parts): TestService {
  const { points, crashes, broker, listener, requests, close } = parts;
  const storage = (): Storage => {
    if (!parts.storage) throw new EbbError('EBB_DEFINITION', `service "${name}" has no database`);
    return parts.storage;
  };
  return {
    deliver: (fn, event) => broker.deliver(fn, event),
    deliverBatch: (fn, events) => broker.deliverAll(fn, events),
    deliverTwice: async (fn, event, { concurrently = false } = {}) => {
      if (concurrently) return Promise.all([broker.settle(fn, event), broker.settle(fn, event)]);
      return [await broker.settle(fn, event), await broker.settle(fn, event)];
    },
    stepOutcomeUnknown: async (fn, step, event) => {
      const lost = new Error(`the connection was lost before the output of step "${step}" was written`);
      const place = { point: 'step-effect', step } as const;
      const { value, reached } = await points.failing(place, lost, () => broker.deliver(fn, event));
      if (!reached) throw new EbbError('EBB_DEFINITION', `function "${fn}" did not perform step "${step}"`);
      return value;
    },
    crashAt: (point, run, options) => crashes.during({ point, ...options }, run),
    holdAt: (point, options) => points.hold({ point, ...options }),
    advance: (duration) => broker.advance(durationMs(duration)),
    redrive: ({ id }) => broker.redrive(id),
    request: (method, path, options) => requestOf(parts, () => requests.send(listener, method, path, options)),
    get db() {
      return storage().database.db;
    },
    state: () => stateOf(parts),
    close,
  };
}

async function requestOf({ storage }: Parts, ask: () => Promise<Answer>): Promise<Reply> {
  const end = await storage?.end();
  const answer = await ask();
  const requestId = answer.headers['x-request-id'];
  const emitted = storage && end !== undefined ? await storage.emittedSince(end) : [];
  return { ...answer, emitted: emitted.filter(({ correlationid }) => correlationid === requestId) };
}

async function stateOf({ runtime, storage }: Parts): Promise<State> {
  if (!storage) return { rows: {}, timers: [], parked: [] };
  const [rows, timers, parked] = await Promise.all([storage.rows(), storage.timers(), parkedOf(runtime, storage)]);
  return { rows, timers, parked };
}

async function parkedOf(
  { listParked, showParked }: Runtime,
  { outside, schema }: Storage,
): Promise<readonly ParkedEvent[]> {
  const summaries = await listParked(outside, schema, { limit: MAX_PARKED, closed: false });
  const events: ParkedEvent[] = [];
  for (const { id } of [...summaries].reverse()) {
    const event = await showParked(outside, schema, id);
    if (event) events.push(event);
  }
  return events;
}
