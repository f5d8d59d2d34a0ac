import { fileURLToPath } from 'node:url';
import { EbbError, Secret, type Problem } from '@ebb/core';
import { encodeBinary, type CloudEvent } from '@ebb/events';
import type { ServiceDefinition } from '@ebb/function';
import type { Database, ParkReason, Sql } from '@ebb/postgres';
import { testDatabase } from '@ebb/test-database';
import { send, type Answer, type RequestOptions } from './in-memory-http.ts';
import { RecordingDatabase } from './recording-database.ts';
import { loadRuntime, type Runtime } from './runtime.ts';

export interface TestServiceOptions {
  /** The folder of the service's SQL files, for a service with a database. */
  readonly migrations?: URL | string;
  /** The values of its settings. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** How one delivery of an event to a function went. */
export interface Delivery {
  /**
   * `done`: it took effect; `duplicate`: it had before; `waiting`: it goes on at its time, or when another event comes;
   * `parked`: it failed for good and was put aside;
   * `retry`, `conflict`: the broker would send it again; `rejected`: the broker would give it to its dead letter sink.
   */
  readonly outcome: 'done' | 'duplicate' | 'waiting' | 'parked' | 'retry' | 'conflict' | 'rejected';
  /** Why it was parked. */
  readonly reason?: ParkReason;
  /** What the function answered, when it did not take the event. */
  readonly problem?: Problem;
  /** What it emitted, in order; empty unless it took effect. */
  readonly emitted: readonly CloudEvent[];
}

export interface Reply extends Answer {
  /** What the request made the service emit, in order. */
  readonly emitted: readonly CloudEvent[];
}

/** A service in this process, with a database of its own and no sockets. */
export interface TestService {
  /** Delivers an event to one of its functions as a broker does. */
  deliver(fn: string, event: CloudEvent): Promise<Delivery>;
  /** Sends an HTTP request to its routes. */
  request(method: string, path: string, options?: RequestOptions): Promise<Reply>;
  /** The service's schema. */
  readonly db: Sql;
  /** Removes the database. @throws EbbError EBB_RUNTIME when a connection was left open */
  close(): Promise<void>;
}

/** Sets a service up for a test: migrated database, routes and functions, exactly as they are served. */
export async function testService(
  definition: ServiceDefinition,
  { migrations, config = {} }: TestServiceOptions = {},
): Promise<TestService> {
  const runtime = await loadRuntime();
  const telemetry = runtime.startTelemetry({ service: definition.name, logLevel: 'silent' });
  const storage = definition.database && (await openStorage(runtime, definition.database.schema, migrations));
  const database = storage?.database;
  const listener = runtime.createHandler(definition, { telemetry, config, ...(database && { database }) });
  return {
    deliver: async (fn, event) => {
      const { headers, body } = encodeBinary(event);
      const answer = await send(listener, 'POST', `/functions/${fn}`, { headers, ...(body && { body }) });
      return deliveryOf(answer, fn, event, database);
    },
    request: async (method, path, options) => {
      const answer = await send(listener, method, path, options);
      const requestId = answer.headers['x-request-id'];
      const emitted = database?.emitted.filter(({ correlationid }) => correlationid === requestId) ?? [];
      return { ...answer, emitted };
    },
    get db() {
      if (!database) throw new EbbError('EBB_DEFINITION', `service "${definition.name}" has no database`);
      return database.db;
    },
    close: async () => {
      await telemetry.shutdown();
      await storage?.close();
    },
  };
}

function deliveryOf(answer: Answer, fn: string, event: CloudEvent, database: RecordingDatabase | undefined): Delivery {
  const { source, id } = event;
  const result = database?.resultOf({ fn, source, id });
  const outcome = result?.outcome ?? (answer.status === 204 ? 'done' : answer.status === 503 ? 'retry' : 'rejected');
  const emitted = outcome === 'done' ? (database?.emitted ?? []).filter((one) => one.causationid === id) : [];
  return {
    outcome,
    emitted,
    ...(result?.outcome === 'parked' && { reason: result.reason }),
    ...(answer.status !== 204 && { problem: answer.json() as Problem }),
  };
}

interface Storage {
  readonly database: RecordingDatabase;
  close(): Promise<void>;
}

async function openStorage(
  { migrate, openDatabase }: Runtime,
  schema: string,
  migrations: URL | string | undefined,
): Promise<Storage> {
  const database = await testDatabase();
  const { url } = database;
  const directory = migrations instanceof URL ? fileURLToPath(migrations) : migrations;
  let inner: Database | undefined;
  try {
    await migrate({ url, schema, ...(directory !== undefined && { directory }) });
    inner = openDatabase({ url: new Secret(url), schema });
  } catch (error) {
    await database.drop();
    throw error;
  }
  const recording = new RecordingDatabase(inner);
  return {
    database: recording,
    close: async () => {
      await recording.close();
      await database.drop();
    },
  };
}
